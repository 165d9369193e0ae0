"""What the platform itself writes around a session: launch data, launch address, and statements in cmi5's own words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit
from uuid import UUID, uuid4

from . import names
from .structure import LAUNCH_NAMES, Block, Course, Texts, Unit

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who learns which registration in which session."""

    actor: Mapping[str, Any]
    registration: UUID
    session_id: UUID


def context_template(unit: Unit, session_id: UUID) -> Json:
    """What each statement of the unit has to contain (10.2.1)."""
    return {
        "contextActivities": {"grouping": [_activity(unit.id, unit.title, unit.description)]},
        "extensions": {names.SESSION_ID: str(session_id)},
    }


def launch_data(unit: Unit, session_id: UUID, launch_mode: str, return_url: str) -> Json:
    """The state document ``LMS.LaunchData`` (10.2)."""
    made: Json = {
        "contextTemplate": context_template(unit, session_id), "launchMode": launch_mode,
        "launchMethod": unit.launch_method, "moveOn": unit.move_on, "returnURL": return_url,
    }  # fmt: skip
    if unit.mastery_score is not None:
        made["masteryScore"] = _plain(unit.mastery_score)
    if unit.launch_parameters is not None:
        made["launchParameters"] = unit.launch_parameters
    if unit.entitlement_key is not None:
        made["entitlementKey"] = {"courseStructure": unit.entitlement_key}
    return made


def launch_url(
    page: str, *, endpoint: str, fetch: str, actor: Mapping[str, Any], registration: UUID, activity_id: str
) -> str:
    """The address that opens the unit: its own query and the launch parameters (8.1)."""
    parts = urlsplit(page)
    values = {
        "endpoint": endpoint, "fetch": fetch, "actor": json.dumps(actor, ensure_ascii=False, separators=(",", ":")),
        "registration": str(registration), "activityId": activity_id,
    }  # fmt: skip
    assert values.keys() == LAUNCH_NAMES
    query = "&".join(one for one in (parts.query, urlencode(values)) if one)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def launched(setting: Setting, unit: Unit, activity_id: str, *, mode: str, page: str, now: datetime) -> Json:
    """Written before the unit opens (9.3.1)."""
    extensions: Json = {
        names.LAUNCH_MODE: mode, names.LAUNCH_URL: page, names.MOVE_ON: unit.move_on,
    }  # fmt: skip
    if unit.mastery_score is not None:
        extensions[names.MASTERY_SCORE] = _plain(unit.mastery_score)
    if unit.launch_parameters is not None:
        extensions[names.LAUNCH_PARAMETERS] = unit.launch_parameters
    thing = _activity(activity_id, unit.title, unit.description, unit.activity_type)
    return _statement(setting, "launched", names.LAUNCHED, thing, unit.id, now, extensions=extensions)


def abandoned(setting: Setting, unit: Unit, activity_id: str, *, lasted: timedelta, now: datetime) -> Json:
    """Written when a session ended without ``terminated`` (9.3.6)."""
    thing = _activity(activity_id, unit.title, unit.description)
    result = {"duration": duration(lasted)}
    return _statement(setting, "abandoned", names.ABANDONED, thing, unit.id, now, result=result)


def waived(setting: Setting, unit: Unit, activity_id: str, *, reason: str, now: datetime) -> Json:
    """Written when somebody decided that the unit counts as done (9.3.7)."""
    thing = _activity(activity_id, unit.title, unit.description)
    result = {"success": True, "completion": True, "extensions": {names.REASON: reason}}
    return _statement(
        setting, "waived", names.WAIVED, thing, unit.id, now, result=result, categories=(names.MOVE_ON_CATEGORY,)
    )  # fmt: skip


def satisfied(setting: Setting, part: Block | Course, activity_id: str, *, now: datetime) -> Json:
    """Written when all units of a block or course are done (9.3.9)."""
    kind = names.COURSE_TYPE if isinstance(part, Course) else names.BLOCK_TYPE
    thing = _activity(activity_id, part.title, part.description, kind)
    return _statement(setting, "satisfied", names.SATISFIED, thing, part.id, now)


def newly_satisfied(course: Course, done: Iterable[str], known: Iterable[str]) -> list[Block | Course]:
    """Blocks and at last the course whose units (``done``: their ids) are all done, without those ``known``; inner first."""
    units, before = set(done), set(known)
    found: list[Block | Course] = []

    def visit(part: Block | Course) -> bool:
        each = [one.id in units if isinstance(one, Unit) else visit(one) for one in part.children]
        if (whole := all(each)) and key_of(part) not in before:
            found.append(part)
        return whole

    visit(course)
    return found


def key_of(part: Block | Course) -> str:
    """How :func:`newly_satisfied` remembers a part: a course may have the id of a block."""
    return part.id if isinstance(part, Block) else f"course:{part.id}"


def duration(lasted: timedelta) -> str:
    """ISO 8601, to the hundredth of a second."""
    return f"PT{max(lasted.total_seconds(), 0):.2f}S"


def _statement(
    setting: Setting, word: str, verb: str, thing: Json, publisher_id: str, now: datetime, *,
    result: Json | None = None, extensions: Json | None = None, categories: tuple[str, ...] = (),
) -> Json:  # fmt: skip
    made: Json = {
        "id": str(uuid4()),
        "actor": dict(setting.actor),
        "verb": {"id": verb, "display": {"en": word}},
        "object": thing,
        "context": {
            "registration": str(setting.registration),
            "contextActivities": {
                "category": [{"id": one} for one in (names.CMI5_CATEGORY, *categories)],
                "grouping": [{"objectType": "Activity", "id": publisher_id}],
            },
            "extensions": {names.SESSION_ID: str(setting.session_id), **(extensions or {})},
        },
        "timestamp": now.isoformat().replace("+00:00", "Z"),
    }
    return made | ({"result": result} if result else {})


def _activity(name: str, title: Texts, description: Texts, kind: str = "") -> Json:
    definition: Json = {"name": title, "description": description}
    if kind:
        definition["type"] = kind
    return {"objectType": "Activity", "id": name, "definition": definition}


def _plain(value: Decimal) -> float:
    return float(value)
