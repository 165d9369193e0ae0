"""The demo's statistics: a sealed snapshot of the city, and one confirmation round of which some schools are done.

Everything goes through the services, as a county and its schools would do it. Repeating it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.foundation.statistics import api as statistics
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from .accounts import ACTOR
from .audiences import STORY_SCHOOL_CODE
from .numbers import CITY_REGION

BLOCKS = ("pupils", "staff", "attributes", "sizes")
ANSWERS = ("confirmed", "confirmed", "returned", "submitted", "confirmed")
"""What the first schools of the county beside the story's own have done; the others have not begun."""
CONDITIONS = {
    "site_area": "28600", "building_area": "16480", "teaching_area": "9120", "sports_area": "8400", "books": "52300",
    "pupil_terminals": "168", "staff_terminals": "121", "networked_rooms": "36", "beds": "320",
}  # fmt: skip
ROOMS = "\n".join(
    [*(f"{floor}0{room}\t普通教室\t50\t教学楼" for floor in (1, 2, 3) for room in range(1, 6)),
     "物理实验室\t实验室\t48\t实验楼", "计算机教室一\t计算机教室\t50\t实验楼", "阅览室\t图书室\t60\t图书馆"]
)  # fmt: skip


def set_up_statistics() -> int:
    """Returns how many schools have a sheet."""
    year = registry.school_year_of(clock.today())
    try:
        taken = statistics.request_snapshot(actor=ACTOR, organisation_code=CITY_REGION, taken_on=clock.today())
    except (Conflict, Invalid):
        return 0
    statistics.save_conditions(
        actor=ACTOR, school_code=STORY_SCHOOL_CODE, year=year, typed=CONDITIONS, rooms=ROOMS
    )  # fmt: skip
    statistics.perform(taken.id)
    story = registry.find_organisation(STORY_SCHOOL_CODE)
    county = story.parent if story else None
    if story is None or county is None:
        return 0
    asked = statistics.open_round(
        actor=ACTOR, organisation_code=county.code or "", year=year, term="1", deadline=clock.today() + timedelta(days=14)
    )  # fmt: skip
    others = county.children.filter(kind="school", closed_on=None).exclude(id=story.id).order_by("code")[: len(ANSWERS)]
    for school, answer in ((story, "submitted"), *zip(others, ANSWERS, strict=False)):
        _answer(asked, school, answer)
    return 1 + len(others)


def _answer(asked: Any, school: Any, answer: str) -> None:
    clerk, head = (Actor.system(_name(school, duty)) for duty in ("school_admin", "principal"))
    sheet = statistics.submit_sheet(actor=clerk, round_id=asked.id, school_code=school.code)
    rooms = statistics.figures_of(sheet.snapshot, str(sheet.path)).rooms
    checked = rooms if answer == "confirmed" else rooms[: len(rooms) // 2]
    statistics.check_classes(
        actor=clerk, round_id=asked.id, school_code=school.code, listed={room.class_id: room.size for room in checked}
    )
    if answer == "confirmed":
        statistics.confirm_sheet(actor=head, sheet_id=sheet.id, ticks=BLOCKS)
    elif answer == "returned":
        statistics.return_sheet(actor=head, sheet_id=sheet.id, reason="班数和花名册不一致，请核对后重新提交。")


def _name(school: Any, duty: str) -> str:
    """Who holds the duty at the school; the platform when nobody does."""
    return statistics.name_of_duty(school.id, duty) or ACTOR.name
