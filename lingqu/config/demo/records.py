"""The demo's learning records: a term's month of speaking practice in one class, as an application would have written it.

Agents are the people of the register; scores rise a little over the weeks, and somebody now and then leaves off. Repeating it changes
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.utils.timezone import get_current_timezone

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.learning.records import api as records

from .accounts import ACTOR
from .audiences import STORY_PUPIL, STORY_SCHOOL_CODE

APP, DAYS, PUPILS = "口语小教练（演示）", 28, 60
UNITS = ("第一单元 问候", "第二单元 家人", "第三单元 天气", "第四单元 动物", "第五单元 点餐", "第六单元 问路")
BASE = "https://teaching.apps.example"
VERBS = {"attempted": "开始", "answered": "作答", "completed": "完成", "passed": "通过", "failed": "未通过"}
ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"


def set_up_records() -> int:
    """Returns how many statements the class has written."""
    school = registry.find_organisation(STORY_SCHOOL_CODE)
    app = apps.get_model("applications", "Application").objects.filter(name=APP).first()
    if school is None or app is None:
        return 0
    where: dict[str, Any] = {"application_id": app.id, "organisation_id": school.id}
    if apps.get_model("records", "Tenant").objects.filter(**where).exists():
        return 0
    key = records.create_credential(actor=ACTOR, name=APP, **where).key
    return len(records.record("demo", list(_statements(_pupils(school))), key=key))


def _pupils(school: Any) -> list[Any]:
    """The story's pupil and others of the same grade."""
    open_ones = apps.get_model("registry", "Enrolment").objects.filter(school=school, valid_to=None)
    story = open_ones.filter(school_number=STORY_PUPIL).first()
    if story is None:
        return []
    others = open_ones.filter(grade=story.grade).exclude(id=story.pk).select_related("person").order_by("school_number")
    return [story.person, *(one.person for one in others[: PUPILS - 1])]


def _statements(pupils: list[Any]) -> Iterator[dict[str, Any]]:
    chance, last = Random(29), clock.today()
    for back in range(DAYS, 0, -1):
        day = last - timedelta(days=back)
        if day.weekday() >= 5:
            continue
        unit = UNITS[(DAYS - back) * len(UNITS) // DAYS]
        for pupil in pupils:
            if chance.random() < 0.8:
                at = datetime.combine(day, time(17 + chance.randrange(3), chance.randrange(60)), get_current_timezone())
                yield from _practice(chance, pupil, unit, at, progress=(DAYS - back) / DAYS)


def _practice(chance: Random, pupil: Any, unit: str, at: datetime, *, progress: float) -> Iterator[dict[str, Any]]:
    yield _statement(chance, pupil, "attempted", unit, at)
    if chance.random() < 0.08:
        return
    scaled = round(min(1.0, max(0.2, chance.gauss(0.62 + 0.25 * progress, 0.13))), 2)
    minutes = chance.randrange(4, 15)
    result = {"score": {"scaled": scaled}, "success": scaled >= 0.6, "completion": True, "duration": f"PT{minutes}M"}
    verb = "passed" if scaled >= 0.6 else "failed"
    yield _statement(chance, pupil, verb, unit, at + timedelta(minutes=minutes), result=result)


def _statement(chance: Random, pupil: Any, verb: str, unit: str, at: datetime, **more: Any) -> dict[str, Any]:
    number = unit.partition(" ")[0]
    return {
        "id": str(UUID(int=chance.getrandbits(128), version=4)),
        "actor": {"name": pupil.name, "account": {"homePage": settings.LINGQU_PUBLIC_URL, "name": pupil.number}},
        "verb": {"id": f"http://adlnet.gov/expapi/verbs/{verb}", "display": {"zh-CN": VERBS[verb]}},
        "object": {
            "id": f"{BASE}/units/{UNITS.index(unit) + 1}",
            "definition": {"name": {"zh-CN": f"{unit} 跟读"}, "type": ASSESSMENT},
        },
        "context": {
            "contextActivities": {
                "parent": [{"id": f"{BASE}/books/5a", "definition": {"name": {"zh-CN": "五年级上册"}}}]
            },
            "platform": f"口语小教练 {number}",
        },
        "timestamp": at.isoformat(),
        **more,
    }
