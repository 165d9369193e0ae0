"""Starting a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import events
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden, Invalid, NotFound

from .. import policies, register
from ..engine import state as told
from ..models import Case
from ..selectors.doors import require_audience
from ..selectors.grants import start_fields
from ..selectors.plans import find_version
from ..types import rights
from ..types.events import CaseStarted
from ..types.words import Act, FileKind
from . import filing
from .acting import record
from .calling import new_case
from .fields import accepted


@transaction.atomic
def start(
    *, actor: Actor, key: str, organisation_id: UUID, fields: Mapping[str, Any], subject_id: UUID | None = None,
    starter_id: UUID | None = None, title: str = "", uploads: Sequence[tuple[str, Any]] = (), message: str = "",
    sources: Mapping[str, str] | None = None,
) -> Case:  # fmt: skip
    """Start a case of the process ``key`` at an organisation, on the version that counts there.

    ``subject_id``: whom it is about, by default the actor. ``starter_id``: for whom a counter starts it. ``uploads``: pairs
    of form field and file. ``message``: begins at the start event that waits for it. ``sources``: where the register's values came from, by field. Raises :class:`NotFound` without such
    a process, :class:`Invalid` for fields that the start form does not have.
    """
    place = register.organisations().filter(id=organisation_id, closed_on=None).first()
    if place is None:
        raise Forbidden()
    path = str(place.path)
    starter, name = _starter(actor, path, starter_id)
    subject = subject_id or starter
    if subject is not None:
        require(policies.may_apply_for(actor, subject) or starter_id is not None)
    version = find_version(key, path)
    if version is None:
        raise NotFound(_("这里没有可用的流程 %(key)s。") % {"key": key}, code="no_definition")
    if not actor.is_system:
        require_audience(version, path, starter, subject, is_counter=starter_id is not None)
    given = accepted(fields, start_fields(version.id))
    moving = new_case(
        actor, version, organisation_id=place.id, path=path, title=title, starter_id=starter, starter_name=name,
        subject_id=subject, fields=given,
    )  # fmt: skip
    moving.note(Act.STARTED, data={"sources": dict(sources)} if sources else {})
    moving.tell(told.Begin(_start_node(moving.plan, message)))
    events.publish(CaseStarted(case_id=moving.case.id, key=key), batch=moving.batch)
    record(moving, "case.started", key=key)
    case = moving.finish()
    for field, uploaded in uploads:
        filing.keep(actor, case, uploaded, kind=FileKind.MATERIAL, field=field)
    return case


def _starter(actor: Actor, path: str, starter_id: UUID | None) -> tuple[UUID | None, str]:
    """Who is the applicant: the actor, or whom a counter starts it for."""
    if starter_id is None:
        if actor.person_id is None and not actor.is_system:
            raise Forbidden()
        return actor.person_id, actor.name
    require(actor.holds(rights.CASE_COUNTER, path))
    person = register.people().filter(id=starter_id, deceased_on=None).first()
    if person is None:
        raise Forbidden()
    return person.id, person.name


def _start_node(plan: Any, message: str) -> str:
    if not message:
        return ""
    found = next((node.id for node in plan.graph.nodes if node.scope == "" and node.message == message), None)
    if found is None:
        raise Invalid(_("流程不从消息 %(name)s 开始。") % {"name": message}, code="no_such_start")
    return str(found)
