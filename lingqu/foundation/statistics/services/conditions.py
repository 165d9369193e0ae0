"""School conditions of a year and its rooms: typed in or pasted, every save a new version."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies, register
from ..models import Conditions, Room
from ..selectors.conditions import find_conditions
from ..types.words import ConditionItem, RoomKind

LARGEST = 10**10
MOST_ROOMS = 1000
SCHOOL_KINDS = ("school", "teaching_point")


def _school(code: str) -> Any:
    found = register.organisations().filter(code=code, kind__in=SCHOOL_KINDS).first() if code else None
    if found is None:
        raise Forbidden()
    return found


def _number(text: str) -> float | int | None:
    """A number of at most two decimals as people write it; None for an empty cell. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not plain:
        return None
    whole, _dot, part = plain.partition(".")
    if (
        not whole.isascii()
        or not whole.isdigit()
        or len(part) > 2
        or (part and not (part.isascii() and part.isdigit()))
    ):
        raise ValueError(text)
    value = float(plain)
    if value > LARGEST:
        raise ValueError(text)
    return int(value) if value == int(value) else value


def read_values(typed: Mapping[str, str], pasted: str) -> dict[str, float | int]:
    """Values by item. A pasted line is a name (as on the form, with or without its unit), a tab and a number; it wins over
    the field. Every line that cannot be read is named."""
    labels = {item.label.split("（")[0]: item.value for item in ConditionItem}
    labels |= {str(item.label): item.value for item in ConditionItem}
    values: dict[str, float | int] = {}
    wrong: dict[str, str] = {}
    for item in ConditionItem:
        try:
            number = _number(typed.get(item.value, ""))
        except ValueError:
            wrong[item.value] = _("请填数字，最多两位小数。")
        else:
            if number is not None:
                values[item.value] = number
    for at, line in enumerate(pasted.splitlines()[:200], start=1):
        name, _tab, text = line.strip().replace("\u3000", " ").rpartition("\t" if "\t" in line else " ")
        if not line.strip():
            continue
        code = labels.get(name.strip())
        try:
            number = _number(text)
        except ValueError:
            number = None
        if code is None or number is None:
            wrong["pasted"] = _("第 %(n)d 行“%(line)s”没有读懂：请写名称、制表符、数字。") % {
                "n": at,
                "line": line.strip()[:60],
            }
            break
        values[code] = number
    if wrong:
        raise Invalid(next(iter(wrong.values())), details=wrong)
    return values


def read_rooms(text: str) -> list[dict[str, Any]]:
    """Rooms from lines ``name, kind, seats, building`` (tabs as copied from a sheet). Names the first line that is wrong."""
    kinds = {str(kind.label): kind.value for kind in RoomKind} | {kind.value: kind.value for kind in RoomKind}
    made: list[dict[str, Any]] = []
    seen: set[tuple[str, str]] = set()

    def refuse(at: int, why: str) -> None:
        told = _("第 %(n)d 行：%(why)s") % {"n": at, "why": why}
        raise Invalid(told, details={"rooms": told})

    for at, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [unicodedata.normalize("NFKC", cell).strip()[:60] for cell in line.split("\t")] + ["", "", ""]
        name, kind, seats, building = cells[:4]
        if len(made) >= MOST_ROOMS:
            refuse(at, _("一所学校最多 %(n)d 间。") % {"n": MOST_ROOMS})
        if not name:
            refuse(at, _("缺房间名称。"))
        if kind not in kinds:
            refuse(at, _("没有“%(kind)s”这种房间。") % {"kind": kind})
        if seats and not (seats.isascii() and seats.isdigit() and int(seats) <= 10_000):
            refuse(at, _("座位数应为整数。"))
        if (building, name) in seen:
            refuse(at, _("“%(name)s”写了两次。") % {"name": name})
        seen.add((building, name))
        made.append({"name": name, "kind": kinds[kind], "seats": int(seats) if seats else None, "building": building})
    return made


@transaction.atomic
def save_conditions(
    *, actor: Actor, school_code: str, year: str, typed: Mapping[str, str], pasted: str = "", rooms: str = ""
) -> Conditions:
    """The next version of a school's year; a save that changes nothing makes none."""
    school = _school(school_code)
    policies.require_conditions_edit(actor, str(school.path))
    if len(year) != 9 or not year[:4].isdigit() or year[4:] != f"-{int(year[:4]) + 1}":
        raise Invalid(_("请选择学年。"), details={"year": _("请选择学年。")})
    values, listed = read_values(typed, pasted), read_rooms(rooms)
    register.organisations().select_for_update().get(id=school.id)
    last = find_conditions(school.id, year)
    if last is not None and last.values == values and _same(last, listed):
        return last
    registry.ensure_school_year(year)
    made = Conditions.objects.create(
        school=school, path=school.path, year=year, version=last.version + 1 if last else 1, values=values,
        entered_by=actor.name,
    )  # fmt: skip
    Room.objects.bulk_create([Room(owner=made, **room) for room in listed])
    audit.record(
        actor, "statistics.conditions.saved", subject_kind="organisation", subject_id=school.id, path=str(school.path),
        data={"year": year, "version": made.version, "rooms": len(listed)},
    )  # fmt: skip
    return made


def _same(last: Conditions, listed: list[dict[str, Any]]) -> bool:
    held = list(last.rooms.order_by("id").values("name", "kind", "seats", "building"))
    return held == listed
