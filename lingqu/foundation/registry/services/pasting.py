"""Rows of 任课 pasted from Excel, answered line by line: writable, choose between namesakes, unknown with the nearest name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..models import Organisation
from ..selectors.classes import list_classes
from ..selectors.labels import subject_codes, subject_label
from ..selectors.teaching import list_assignments, list_candidates
from ..types.cards import Candidate, ClassCard, PastedLine, TaughtSubject
from ..types.class_names import read_class_name
from .teaching import MOST_PERIODS, set_teaching

MOST_TEXT, MOST_LINES = 100_000, 1_000
HEADINGS = {"班级", "班级名称", "学科", "教师", "任课教师", "周课时"}
PERIODS = re.compile(r"\d{1,2}(?:\.5|\.0)?")


def read_rows(*, actor: Actor, school_id: UUID, text: str) -> tuple[PastedLine, ...]:
    """What each pasted line (班级、学科、教师、周课时 by tab) would do; nothing is written."""
    return _read(_school(actor, school_id), text)


@transaction.atomic
def write_rows(*, actor: Actor, school_id: UUID, text: str, choices: Mapping[int, UUID]) -> int:
    """Write the writable lines, and those for which ``choices`` (line → person) picks a namesake. Returns their number."""
    school = _school(actor, school_id)
    written = 0
    for line in _read(school, text):
        person_id = line.person_id
        if line.state == "choose":
            chosen = choices.get(line.line)
            person_id = chosen if chosen in {choice.person.id for choice in line.choices} else None
        if line.state in ("writable", "choose") and person_id and line.class_id:
            periods = Decimal(str(line.weekly_periods)) if line.weekly_periods is not None else None
            set_teaching(
                actor=actor, class_id=line.class_id, subject=line.subject, person_id=person_id, weekly_periods=periods
            )
            written += 1
    return written


def _school(actor: Actor, school_id: UUID) -> Organisation:
    school = Organisation.objects.filter(id=school_id).first()
    if school is None:
        raise Forbidden()
    policies.require_edit_teaching(actor, str(school.path))
    return school


def _read(school: Organisation, text: str) -> tuple[PastedLine, ...]:
    cards = [card for card in list_classes(school) if card.kind != "teaching"]
    staff: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in list_candidates(school):
        staff[candidate.person.name].append(candidate)
    taught = list_assignments([card.id for card in cards])
    made = []
    for number, raw in enumerate(text[:MOST_TEXT].splitlines()[:MOST_LINES], 1):
        cells = [cell.strip().strip("'") for cell in (raw.split("\t") if "\t" in raw else raw.split())]
        if not any(cells) or set(cells) & HEADINGS == set(cells):
            continue
        made.append(_line(number, raw.strip(), _four(cells), school, cards, staff, taught))
    return tuple(made)


def _four(cells: Sequence[str]) -> tuple[str, str, str, str]:
    """Class, subject, teacher, periods; a name typed with a blank inside (单 雯) may have been split."""
    found = [cell for cell in cells if cell]
    periods = found.pop() if found and PERIODS.fullmatch(found[-1]) and len(found) > 3 else ""
    name = "".join(found[2:])
    return (
        found[0] if found else "",
        found[1] if len(found) > 1 else "",
        name.replace(" ", "").replace("　", ""),
        periods,
    )


def _line(
    number: int,
    text: str,
    cells: tuple[str, str, str, str],
    school: Organisation,
    cards: Sequence[ClassCard],
    staff: Mapping[str, list[Candidate]],
    taught: Mapping[UUID, Sequence[TaughtSubject]],
) -> PastedLine:
    class_text, subject_text, name, periods_text = cells
    periods = float(periods_text) if periods_text else None

    def answer(state: str, message: str, **more: object) -> PastedLine:
        return PastedLine(line=number, text=text, state=state, message=message, weekly_periods=periods, **more)  # type: ignore[arg-type]

    if not name or (periods is not None and periods > MOST_PERIODS):
        return answer("bad", _("需要班级、学科、教师三列，周课时可不填。"))
    card = _find_class(class_text, school, cards)
    if card is None:
        return answer("unknown_class", _("本校没有班级“%(name)s”。") % {"name": class_text})
    code = subject_codes().get(subject_text, "")
    if not code:
        return answer("unknown_subject", _("没有学科“%(name)s”。") % {"name": subject_text}, class_id=card.id)
    known = {
        "class_id": card.id, "class_name": card.name, "subject": code, "subject_label": subject_label(code),
        "teacher": name,
    }  # fmt: skip
    found = staff.get(name, [])
    if not found:
        near = get_close_matches(name, list(staff), n=1, cutoff=0.5)
        hint = _("是否指 %(near)s？") % {"near": near[0]} if near else ""
        return answer(
            "unknown_teacher", _("%(name)s：本校没有这个人。%(hint)s") % {"name": name, "hint": hint}, **known
        )
    if len(found) > 1:
        message = _("%(name)s：本校有 %(n)d 人，请选择。") % {"name": name, "n": len(found)}
        return answer("choose", message, choices=tuple(found), **known)
    person_id = found[0].person.id
    if any(
        row.subject == code and row.teacher.id == person_id and row.weekly_periods == periods
        for row in taught.get(card.id, ())
    ):
        return answer("present", _("已经是这样。"), person_id=person_id, **known)
    told = (
        "" if class_text == card.name else _("“%(written)s”认作 %(name)s") % {"written": class_text, "name": card.name}
    )
    return answer("writable", told, person_id=person_id, **known)


def _find_class(text: str, school: Organisation, cards: Sequence[ClassCard]) -> ClassCard | None:
    """By name as shown or written, else by what the spelling means under the school's 学制; None unless exactly one."""
    solid = text.replace(" ", "")
    same = [card for card in cards if solid in (card.name, card.written_name)]
    if len(same) == 1:
        return same[0]
    stage = {"2": "primary", "3": "junior"}.get(school.school_type[:1], "")
    stage = "senior" if school.school_type == "342" else stage
    year = max((card.school_year for card in cards), default="")
    read = read_class_name(solid, schooling=school.schooling, school_year=year, stage=stage)
    if not read.grades or read.serial is None:
        return None
    fitting = [card for card in cards if card.grades == read.grades and card.serial == read.serial]
    return fitting[0] if len(fitting) == 1 else None
