"""Who may keep credentials."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.foundation.applications import api as applications
from lingqu.kernel.actor import Actor, covers, require

from .models import Course
from .types import rights


def may_keep_credentials(actor: Actor) -> bool:
    """All of them: who runs the platform."""
    return actor.holds_at_top(rights.KEEP)


def require_credentials(actor: Actor, application_id: UUID | None, organisation_id: UUID | None = None) -> None:
    """Those of an application: also the bureau that keeps it and its vendor, for places that use it."""
    if may_keep_credentials(actor):
        return
    require(application_id is not None)
    assert application_id is not None
    applications.require_settings(actor=actor, application_id=application_id)
    used = {one[0] for one in applications.adopting_organisations(application_id)}
    require(organisation_id is None or organisation_id in used)


def places_above(actor: Actor) -> list[UUID]:
    """Organisations whose courses the actor learns: the own place and what lies above it. Guardians learn none."""
    if actor.person_id is None or actor.role == "guardian" or not actor.path:
        return []
    labels = actor.path.split(".")
    paths = [".".join(labels[: end + 1]) for end in range(len(labels))]
    model: Any = Course._meta.get_field("organisation").related_model
    return list(model.objects.filter(path__in=paths).values_list("id", flat=True))


def may_learn(actor: Actor, course: Course) -> bool:
    """Whoever belongs to the course's organisation or below, with the role of the moment."""
    return (
        actor.person_id is not None and actor.role != "guardian" and course.closed_at is None
        and bool(actor.path) and covers(str(course.organisation.path), actor.path)
    )  # fmt: skip


def may_manage_course(actor: Actor, course: Course) -> bool:
    return actor.holds(rights.COURSES, str(course.organisation.path))
