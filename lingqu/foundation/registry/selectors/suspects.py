"""Pairs of records that may be one person, within what the actor keeps, and two records side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.language import listed
from lingqu.kernel.pages import Page, page_of

from ..models import Person, SuspectPair
from ..types import rights
from ..types.cards import Compared, PersonPage, Suspect
from ..types.words import SuspectRule, SuspectState
from .person import get_person_page
from .places import ids_of
from .rows import rows_of

ROWS = 20


def list_suspects(
    actor: Actor, state: str = SuspectState.OPEN, *, cursor: str = "", limit: int = ROWS
) -> Page[Suspect]:
    """Pairs of which the actor keeps both records, newest first. Raises :class:`Forbidden` without the right anywhere.

    A pair that reaches beyond is seen further up, where both are kept.
    """
    rows = SuspectPair.objects.filter(_kept_by(actor), state=state).select_related("first", "second")
    if state == SuspectState.OPEN:
        rows = rows.filter(first__canonical=None, second__canonical=None)
        rows = rows.filter(first__deceased_on=None, second__deceased_on=None)
    page = page_of(rows, order=("-id",), limit=limit, cursor=cursor)
    people = {person.id: person for pair in page.items for person in (pair.first, pair.second)}
    lines = {row.id: row for row in rows_of(list(people.values()))}
    items = tuple(
        Suspect(
            id=pair.id, first=lines[pair.first_id], second=lines[pair.second_id], rule=pair.rule, state=pair.state,
            rule_label=str(SuspectRule(pair.rule).label), state_label=str(SuspectState(pair.state).label),
            found_at=pair.found_at, decided_by=pair.decided_by, decided_at=pair.decided_at, reason=pair.reason,
        )
        for pair in page.items
    )  # fmt: skip
    return page.showing(items)


def count_suspects(actor: Actor) -> int:
    """Open pairs of which the actor keeps both records."""
    if not (actor.is_system or actor.paths(rights.PERSON_EDIT)):
        return 0
    return SuspectPair.objects.filter(_kept_by(actor), state=SuspectState.OPEN).count()


def _kept_by(actor: Actor) -> Q:
    if actor.is_system:
        return Q()
    paths = actor.paths(rights.PERSON_EDIT)
    if not paths:
        raise Forbidden()
    first, second = Q(), Q()
    for path in paths:
        first |= Q(first__path__within=path)
        second |= Q(second__path__within=path)
    return first & second


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A pair with both pages and the lines that a human compares. ``older`` has the lower number."""

    pair: SuspectPair
    first: PersonPage
    second: PersonPage
    lines: tuple[Compared, ...]

    @property
    def differing(self) -> int:
        return sum(1 for line in self.lines if line.same is False)


def get_comparison(actor: Actor, pair_id: int) -> Comparison:
    """Both records side by side; :class:`Forbidden` unless the actor keeps both, whether or not the pair exists."""
    pair = SuspectPair.objects.filter(_kept_by(actor), id=pair_id).select_related(
        "first__organisation", "second__organisation"
    ).first()  # fmt: skip
    if pair is None:
        raise Forbidden()
    first, second = _page(pair.first), _page(pair.second)
    return Comparison(pair=pair, first=first, second=second, lines=_lines(first, second, pair))


def _page(person: Person) -> PersonPage:
    """What the record itself holds, also after it was merged."""
    ids = ids_of(person.id) if person.canonical_id is None else (person.id,)
    return replace(get_person_page(person, ids=ids), merged_numbers=())


def _lines(first: PersonPage, second: PersonPage, pair: SuspectPair) -> tuple[Compared, ...]:
    """Masked values are compared by their digests: who looks learns whether they agree, not what they are."""
    blinds = {
        "id_number": (pair.first.id_blind, pair.second.id_blind),
        "phone": (pair.first.phone_blind, pair.second.phone_blind),
    }
    ones = {field.field: field for field in first.fields}
    others = {field.field: field for field in second.fields}
    made = [
        _compared(_("编号"), first.number, second.number, same=None),
        _compared(_("性别"), first.sex_label, second.sex_label),
    ]
    for name, field in {**others, **ones}.items():
        left, right = ones.get(name), others.get(name)
        shown = (left.shown if left else "", right.shown if right else "")
        keys: tuple[Any, Any] = blinds.get(name, shown)
        same = keys[0] == keys[1] if keys[0] and keys[1] else None
        if any(shown):
            made.append(Compared(label=field.label, first=shown[0], second=shown[1], same=same))
    for title, part in ((_("就读"), _enrolments), (_("学籍"), _registers), (_("任职"), _posts), (_("班级"), _classes),
                        (_("监护人"), _guardians), (_("孩子"), _wards)):  # fmt: skip
        left_text, right_text = part(first), part(second)
        if left_text or right_text:
            made.append(_compared(title, left_text, right_text))
    return tuple(made)


def _compared(label: str, first: str, second: str, *, same: bool | None = True) -> Compared:
    known = bool(first and second) and same is not None
    return Compared(label=label, first=first, second=second, same=first == second if known else None)


def _enrolments(page: PersonPage) -> str:
    return "；".join(f"{fact.school_name} {fact.grade_label} {fact.attendance_label}" for fact in page.enrolments)


def _registers(page: PersonPage) -> str:
    return listed(f"{fact.school_name} {fact.state_label}" for fact in page.register)


def _posts(page: PersonPage) -> str:
    return listed(f"{fact.school_name} {fact.relation_label} {fact.staff_number}" for fact in page.appointments)


def _classes(page: PersonPage) -> str:
    return listed(card.name for card in page.classes)


def _guardians(page: PersonPage) -> str:
    return listed(
        _("%(text)s（%(detail)s）") % {"text": one.name, "detail": one.relation_label or one.kind_label}
        for one in page.guardians
    )


def _wards(page: PersonPage) -> str:
    return listed(ref.name for ref, _relation, _kind in page.wards)


def find_merged(kept: Person, number: str) -> Person | None:
    """A record that was merged into this one, by its number."""
    return Person.objects.filter(canonical=kept, number=number).first()
