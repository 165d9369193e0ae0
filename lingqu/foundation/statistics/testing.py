"""Samples of addresses for tests that visit every route."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .selectors.sheets import figures_of
from .services import checking, rounds, sheets, snapshots

SYSTEM = Actor.system("tests")


def make_round(county: Any, **more: Any) -> Any:
    values = {"year": "2026-2027", "term": "1", "deadline": today() + timedelta(days=5), **more}
    return rounds.open_round(actor=SYSTEM, organisation_code=county.code, **values)


def take(place: Any) -> Any:
    """A sealed snapshot of today."""
    made = snapshots.request_snapshot(actor=SYSTEM, organisation_code=place.code, taken_on=today())
    return snapshots.perform(made.id)


def check_all(sheet: Any) -> Any:
    """Every class of a waiting sheet equals its roster."""
    rooms = figures_of(sheet.snapshot, str(sheet.path)).rooms
    checking.check_classes(
        actor=SYSTEM, round_id=sheet.round_id, school_code=sheet.school.code,
        listed={room.class_id: room.size for room in rooms},
    )  # fmt: skip
    return sheet


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    made = []
    for node in (world.own, world.other):
        taken, round_ = take(node.county), make_round(node.county)
        sheet = sheets.submit_sheet(actor=SYSTEM, round_id=round_.id, school_code=node.school.code)
        made.append((
            {"snapshot_id": taken.id}, {"round_id": round_.id}, {"round_id": round_.id, "code": node.school.code},
            {"sheet_id": sheet.id},
        ))  # fmt: skip
    names = (
        ("snapshot", "workbook", "rows"), ("round", "round_close", "round_phones", "round_remind"), ("sheet", "sheet_submit", "sheet_classes"),
        ("sheet_act", "sheet_pdf", "sheet_scan"),
    )  # fmt: skip
    return {
        f"statistics:{name}": (made[0][at], made[1][at]) for at, group in enumerate(names) for name in group
    }  # fmt: skip
