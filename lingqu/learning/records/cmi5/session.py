"""What an assignable unit may send in its session (cmi5 sections 9, 10.2.1, 10.2.2). Pure: facts in, facts or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ..types.faults import Denied
from . import names

Statement = Mapping[str, Any]
_SUCCESS = {names.PASSED: True, names.FAILED: False}
_TIMED = (names.COMPLETED, names.PASSED, names.FAILED, names.TERMINATED)
_JUDGING = (names.COMPLETED, names.PASSED, names.FAILED)


class Cmi5Denied(Denied):
    """A statement against the rules of the session; ``path`` is where in the statement."""

    code = "cmi5_denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A session and what its registration already knows of the unit. ``verbs``: those defined by cmi5 and sent in it."""

    session_id: str
    registration: str
    activity_id: str
    publisher_id: str
    actor: Mapping[str, Any]
    launch_mode: str = names.NORMAL
    mastery_score: Decimal | None = None
    preferences_read: bool = False
    verbs: frozenset[str] = frozenset()
    is_over: bool = False
    completed: bool = False
    passed: bool = False


def take(facts: Facts, statement: Statement) -> Facts:
    """The facts after ``statement``; raises :class:`Cmi5Denied` when the unit may not send it now."""
    _check_frame(facts, statement)
    verb = str(_at(statement, "verb", "id") or "")
    _check_order(facts, statement, verb)
    if not is_defined(statement):
        if names.MOVE_ON_CATEGORY in _activities(statement, "category"):
            raise _denied(
                "context.contextActivities.category", "only statements defined by cmi5 have the moveon category"
            )
        return facts
    _check_defined(facts, statement, verb)
    return replace(
        facts, verbs=facts.verbs | {verb}, is_over=facts.is_over or verb == names.TERMINATED,
        completed=facts.completed or verb == names.COMPLETED, passed=facts.passed or verb == names.PASSED,
    )  # fmt: skip


def is_defined(statement: Statement) -> bool:
    """Whether it is "cmi5 defined"; everything else is "cmi5 allowed" (7.1.3)."""
    return names.CMI5_CATEGORY in _activities(statement, "category")


def is_met(move_on: str, *, completed: bool, passed: bool, waived: bool) -> bool:
    """Whether a unit's criteria are met (10.2.5)."""
    met = {
        "NotApplicable": True, "Completed": completed, "Passed": passed, "CompletedAndPassed": completed and passed,
        "CompletedOrPassed": completed or passed,
    }  # fmt: skip
    return waived or met[move_on]


def _check_frame(facts: Facts, statement: Statement) -> None:
    """What every statement of a unit carries (9.1, 9.2, 9.6, 9.7)."""
    if facts.is_over:
        raise _denied("", "the session is over")
    if "id" not in statement:
        raise _denied("id", "a statement of a unit has an id")
    stamp = statement.get("timestamp")
    if not isinstance(stamp, str) or not stamp.endswith(("Z", "z", "+00:00", "+0000", "+00")):
        raise _denied("timestamp", "a statement of a unit has a timestamp in UTC")
    if _at(statement, "verb", "id") == names.VOIDED:
        raise _denied("verb.id", "a unit voids no statements")
    if not same_agent(_at(statement, "actor"), facts.actor):
        raise _denied("actor", "not the actor of the launch")
    if _at(statement, "context", "registration") != facts.registration:
        raise _denied("context.registration", "not the registration of the launch")
    if _at(statement, "context", "extensions", names.SESSION_ID) != facts.session_id:
        raise _denied("context.extensions", "the sessionid of LMS.LaunchData is missing")
    if facts.publisher_id not in _activities(statement, "grouping"):
        raise _denied(
            "context.contextActivities.grouping", "the id of the unit that stands in contextTemplate is missing"
        )


def _check_order(facts: Facts, statement: Statement, verb: str) -> None:
    first = is_defined(statement) and verb == names.INITIALIZED
    if first and not facts.preferences_read:
        raise _denied("verb.id", "read cmi5LearnerPreferences before initialized")
    if not first and names.INITIALIZED not in facts.verbs:
        raise _denied("verb.id", "the first statement is initialized")


def _check_defined(facts: Facts, statement: Statement, verb: str) -> None:
    if verb not in names.UNIT_VERBS:
        raise _denied("verb.id", "a unit sends no statement defined by cmi5 with this verb")
    if _at(statement, "object", "id") != facts.activity_id or (
        _at(statement, "object", "objectType") not in (None, "Activity")
    ):
        raise _denied("object.id", "not the activityId of the launch")
    if facts.launch_mode != names.NORMAL and verb in _JUDGING:
        raise _denied("verb.id", "in Browse and Review nothing is judged")
    if verb in facts.verbs or (verb in _SUCCESS and facts.verbs & set(_SUCCESS)):
        raise _denied("verb.id", "this verb was used in this session")
    if (verb == names.COMPLETED and facts.completed) or (verb in _SUCCESS and facts.passed):
        raise _denied("verb.id", "the registration has this result already")
    _check_result(facts, statement, verb)


def _check_result(facts: Facts, statement: Statement, verb: str) -> None:
    """Score, success, completion, duration and their category (9.5, 9.6.2.2)."""
    result = _at(statement, "result") or {}
    if verb in _SUCCESS and result.get("success") is not _SUCCESS[verb]:
        raise _denied("result.success", "success is true for passed and false for failed")
    if verb not in _SUCCESS and "success" in result:
        raise _denied("result.success", "only passed and failed have success")
    if (verb == names.COMPLETED) != ("completion" in result) or result.get("completion", True) is not True:
        raise _denied("result.completion", "completed, and nothing else, has completion true")
    if verb in _TIMED and "duration" not in result:
        raise _denied("result.duration", "duration is missing")
    judging = "success" in result or "completion" in result
    if judging != (names.MOVE_ON_CATEGORY in _activities(statement, "category")):
        raise _denied(
            "context.contextActivities.category",
            "the moveon category stands beside success or completion, and nowhere else",
        )
    if "score" in result:
        _check_score(facts, statement, verb, result["score"])


def _check_score(facts: Facts, statement: Statement, verb: str, score: Mapping[str, Any]) -> None:
    if verb not in _SUCCESS:
        raise _denied("result.score", "only passed and failed have a score")
    if "raw" in score and not ("min" in score and "max" in score):
        raise _denied("result.score", "raw needs min and max")
    if facts.mastery_score is None:
        return
    given = _at(statement, "context", "extensions", names.MASTERY_SCORE)
    if _number(given) != facts.mastery_score:
        raise _denied("context.extensions", "a score needs the masteryScore of LMS.LaunchData")
    scaled = _number(score.get("scaled"))
    if scaled is not None and (scaled >= facts.mastery_score) is not _SUCCESS[verb]:
        raise _denied("result.score.scaled", "the score does not agree with masteryScore")


def _number(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def same_agent(found: object, expected: Mapping[str, Any]) -> bool:
    """The same account, and no group; names do not matter."""
    return (
        isinstance(found, Mapping)
        and found.get("objectType", "Agent") == "Agent"
        and found.get("account") == expected["account"]
        and not {"mbox", "mbox_sha1sum", "openid"} & set(found)
    )


def _activities(statement: Statement, kind: str) -> frozenset[str]:
    found = _at(statement, "context", "contextActivities", kind)
    listed = found if isinstance(found, list) else [found]
    return frozenset(str(one.get("id")) for one in listed if isinstance(one, Mapping))


def _at(value: object, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _denied(path: str, message: str) -> Cmi5Denied:
    return Cmi5Denied(message, f"$.{path}" if path else "")
