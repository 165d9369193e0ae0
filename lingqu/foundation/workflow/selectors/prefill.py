"""免填: what the register already knows goes into a form, with where it comes from and of which day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from ..forms.schema import Form
from ..models import Case
from .forms import start_form
from .plans import find_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefilled:
    """A value with its source in words (``学籍``) and the day of which it is."""

    value: str
    source: str
    as_of: date


def prefilled(form: Form, *, organisation: Any, starter: UUID | None, subject: UUID | None) -> dict[str, Prefilled]:
    """By field key. What the register does not know is not there, and is asked."""
    wanted = {one.key: one.prefill for one in form.asked() if one.prefill}
    if not wanted:
        return {}
    known = _known(set(wanted.values()), organisation, starter, subject or starter)
    return {key: known[source] for key, source in wanted.items() if source in known}


def known_fields(key: str, organisation: Any, *, starter_id: UUID | None, subject_id: UUID | None) -> dict[str, Any]:
    """What the register gives for the start form of a process, by field key."""
    version = find_version(key, str(organisation.path))
    if version is None:
        return {}
    found = prefilled(start_form(version.id), organisation=organisation, starter=starter_id, subject=subject_id)
    return {name: one.value for name, one in found.items()}


def _known(sources: set[str], organisation: Any, starter: UUID | None, subject: UUID | None) -> dict[str, Prefilled]:
    today = clock.today()
    found = {
        "today": Prefilled(value=today.isoformat(), source=_("系统"), as_of=today),
        "case.organisation": Prefilled(value=organisation.name, source=_("机构"), as_of=today),
    }
    for who, person_id in (("starter", starter), ("subject", subject)):
        if person_id is not None and any(one.startswith(who) for one in sources):
            values = [(f"{who}.{name}", value, source) for name, value, source in _facts(person_id) if value]
            found |= {name: Prefilled(value=value, source=source, as_of=today) for name, value, source in values}
    return found


def _facts(person_id: UUID) -> Iterable[tuple[str, str, str]]:
    person = people().filter(id=person_id).first()
    if person is None:
        return
    roster, work = _("学籍"), _("任职")
    yield "name", person.name, _("人员库")
    yield "number", person.number, _("人员库")
    facts = registry.relations_of(person_id)
    if facts.enrolments:
        yield "school", facts.enrolments[0].name, roster
        yield "grade", registry.grade_label(facts.enrolments[0].grade), roster
    if facts.classes:
        yield "class", facts.classes[0].name, roster
    if facts.appointments:
        yield "unit", facts.appointments[0].name, work


def people() -> Any:
    """Manager of Person, reached through our own key."""
    model: Any = Case._meta.get_field("starter").related_model
    return model.objects
