"""What an assignable unit may send in its session (cmi5 sections 9, 10.2.1, 10.2.2). Pure: facts in, facts or a refusal out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lingqu.kernel.errors import Forbidden

from . import names

Statement = Mapping[str, Any]
_SUCCESS = {names.PASSED: True, names.FAILED: False}
_TIMED = (names.COMPLETED, names.PASSED, names.FAILED, names.TERMINATED)
_JUDGING = (names.COMPLETED, names.PASSED, names.FAILED)


class Cmi5Denied(Forbidden):
    """A statement against the rules of the session; ``details["path"]`` is where in the statement."""

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
            raise _denied("context.contextActivities.category", _("只有 cmi5 定义的语句可以带 moveon 类别。"))
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
        raise _denied("", _("这次学习已经结束，不再接收语句。"))
    if "id" not in statement:
        raise _denied("id", _("语句要有自己的 id。"))
    stamp = statement.get("timestamp")
    if not isinstance(stamp, str) or not stamp.endswith(("Z", "z", "+00:00", "+0000", "+00")):
        raise _denied("timestamp", _("语句要有 UTC 时间。"))
    if _at(statement, "verb", "id") == names.VOIDED:
        raise _denied("verb.id", _("课程单元不能作废语句。"))
    if not same_agent(_at(statement, "actor"), facts.actor):
        raise _denied("actor", _("actor 要与启动时给出的一致。"))
    if _at(statement, "context", "registration") != facts.registration:
        raise _denied("context.registration", _("registration 要与启动时给出的一致。"))
    if _at(statement, "context", "extensions", names.SESSION_ID) != facts.session_id:
        raise _denied("context.extensions", _("缺少 LMS.LaunchData 里的 sessionid。"))
    if facts.publisher_id not in _activities(statement, "grouping"):
        raise _denied("context.contextActivities.grouping", _("缺少 contextTemplate 里的课程单元 id。"))


def _check_order(facts: Facts, statement: Statement, verb: str) -> None:
    first = is_defined(statement) and verb == names.INITIALIZED
    if first and not facts.preferences_read:
        raise _denied("verb.id", _("先读取 cmi5LearnerPreferences，再发送 initialized。"))
    if not first and names.INITIALIZED not in facts.verbs:
        raise _denied("verb.id", _("第一条语句要是 initialized。"))


def _check_defined(facts: Facts, statement: Statement, verb: str) -> None:
    if verb not in names.UNIT_VERBS:
        raise _denied("verb.id", _("课程单元不能用这个动词发送 cmi5 定义的语句。"))
    if _at(statement, "object", "id") != facts.activity_id or (
        _at(statement, "object", "objectType") not in (None, "Activity")
    ):
        raise _denied("object.id", _("object 要是启动时给出的 activityId。"))
    if facts.launch_mode != names.NORMAL and verb in _JUDGING:
        raise _denied("verb.id", _("浏览和回看时不记录成绩。"))
    if verb in facts.verbs or (verb in _SUCCESS and facts.verbs & set(_SUCCESS)):
        raise _denied("verb.id", _("这个动词在一次学习里只能用一次。"))
    if (verb == names.COMPLETED and facts.completed) or (verb in _SUCCESS and facts.passed):
        raise _denied("verb.id", _("这门课程里已经有这样的结果。"))
    _check_result(facts, statement, verb)


def _check_result(facts: Facts, statement: Statement, verb: str) -> None:
    """Score, success, completion, duration and their category (9.5, 9.6.2.2)."""
    result = _at(statement, "result") or {}
    if verb in _SUCCESS and result.get("success") is not _SUCCESS[verb]:
        raise _denied("result.success", _("passed 的 success 要是 true，failed 要是 false。"))
    if verb not in _SUCCESS and "success" in result:
        raise _denied("result.success", _("只有 passed 和 failed 可以带 success。"))
    if (verb == names.COMPLETED) != ("completion" in result) or result.get("completion", True) is not True:
        raise _denied("result.completion", _("只有 completed 带 completion，并且要是 true。"))
    if verb in _TIMED and "duration" not in result:
        raise _denied("result.duration", _("缺少 duration。"))
    judging = "success" in result or "completion" in result
    if judging != (names.MOVE_ON_CATEGORY in _activities(statement, "category")):
        raise _denied(
            "context.contextActivities.category", _("带 success 或 completion 的语句要带 moveon 类别，别的不能带。")
        )
    if "score" in result:
        _check_score(facts, statement, verb, result["score"])


def _check_score(facts: Facts, statement: Statement, verb: str, score: Mapping[str, Any]) -> None:
    if verb not in _SUCCESS:
        raise _denied("result.score", _("只有 passed 和 failed 可以带 score。"))
    if "raw" in score and not ("min" in score and "max" in score):
        raise _denied("result.score", _("有 raw 就要有 min 和 max。"))
    if facts.mastery_score is None:
        return
    given = _at(statement, "context", "extensions", names.MASTERY_SCORE)
    if _number(given) != facts.mastery_score:
        raise _denied("context.extensions", _("带成绩时要写出 LMS.LaunchData 里的 masteryScore。"))
    scaled = _number(score.get("scaled"))
    if scaled is not None and (scaled >= facts.mastery_score) is not _SUCCESS[verb]:
        raise _denied("result.score.scaled", _("成绩与 masteryScore 不一致。"))


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
    return Cmi5Denied(message, details={"path": path})
