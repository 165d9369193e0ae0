"""Rules of a county as data, and what they say about one wish. Pure: facts in, reasons out.

Days of a year are ``MM-DD``; a window may cross the end of the year. Grades are those of the register. A reason is a
sentence that an applicant can be shown, with the clause that the county stated for its rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.registry import api as registry
from lingqu.kernel.language import listed
from lingqu.ui.figures import day

from .words import Shown

DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
TERMS = ("", "1", "2")
POSITIONS = ("leaving", "entry")
STAGES = ("primary", "junior", "senior")
MOST_MONTHS, MOST_PLACES, MOST_DAYS = 36, 80, 60
COMPULSORY = tuple(f"G{n:02d}" for n in range(1, 10))
SUSPENDED = "02"
"""休学 in JY/T 1001 XSDQZT."""


class RuleKind(TextChoices):
    TRANSFER = "transfer", gettext_lazy("转学")
    SUSPENSION = "suspension", gettext_lazy("休学与复学")
    WITHDRAWAL = "withdrawal", gettext_lazy("退学")
    SEATS = "seats", gettext_lazy("学位")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something cannot be done. ``code`` is stable for programs."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days of every year in which 转学 is asked for, both included, for the term ``term`` (JY/T 1001 XQ)."""

    start: str
    end: str
    term: str

    def holds(self, on: date) -> bool:
        at = f"{on:%m-%d}"
        return self.start <= at <= self.end if self.start <= self.end else at >= self.start or at <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A grade that may not move: a grade code, ``leaving`` (毕业年级) or ``entry`` (起始年级), in one term or in both
    (empty)."""

    grade: str
    term: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRule:
    windows: tuple[Window, ...]
    exclusions: tuple[Exclusion, ...]
    refuses_suspended: bool
    same_grade: bool
    days: int
    """Working days for each step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspensionRule:
    least_months: int
    most_months: int
    most_in_all: int
    """Months, all extensions together."""
    proof: str
    """What a medical proof has to come from, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRule:
    refused: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRule:
    primary: int
    junior: int
    senior: int
    entry_stop: bool
    """起始年级: nobody beyond the places."""
    shown: str

    def places(self, grade: str, schooling: str) -> int:
        return int(getattr(self, registry.stage_of(grade, schooling), self.primary))


Rule = TransferRule | SuspensionRule | WithdrawalRule | SeatRule


def read(kind: str, values: Mapping[str, Any]) -> Rule:
    """The rule that stored or typed values mean. Raises ValueError with a sentence for values that mean nothing."""
    match kind:
        case RuleKind.TRANSFER:
            return TransferRule(
                windows=tuple(_window(one) for one in values["windows"]),
                exclusions=tuple(_exclusion(one) for one in values["exclusions"]),
                refuses_suspended=bool(values["refuses_suspended"]), same_grade=bool(values["same_grade"]),
                days=_number(values["days"], MOST_DAYS),
            )  # fmt: skip
        case RuleKind.SUSPENSION:
            least, most = _number(values["least_months"], MOST_MONTHS), _number(values["most_months"], MOST_MONTHS)
            whole = _number(values["most_in_all"], MOST_MONTHS)
            if not least <= most <= whole:
                raise ValueError(_("最短不能长于最长，累计不能短于一次最长。"))
            return SuspensionRule(
                least_months=least, most_months=most, most_in_all=whole, proof=str(values["proof"])[:200]
            )
        case RuleKind.WITHDRAWAL:
            return WithdrawalRule(
                refused=tuple(_grade(one) for one in values["refused"]), text=str(values["text"])[:300]
            )
        case RuleKind.SEATS:
            if values["shown"] not in Shown.values:
                raise ValueError(_("请选择向家长公开什么。"))
            sizes = {stage: _number(values[stage], MOST_PLACES) for stage in STAGES}
            return SeatRule(**sizes, entry_stop=bool(values["entry_stop"]), shown=str(values["shown"]))
    raise ValueError(kind)


def _number(value: Any, most: int) -> int:
    number = int(value)
    if not 1 <= number <= most:
        raise ValueError(_("请填 1 到 %(most)d 之间的整数。") % {"most": most})
    return number


def _grade(value: Any) -> str:
    if value not in registry.GRADES:
        raise ValueError(_("没有“%(grade)s”这个年级。") % {"grade": value})
    return str(value)


def _window(one: Mapping[str, Any]) -> Window:
    start, end, term = str(one["start"]), str(one["end"]), str(one["term"])
    if not (DAY.fullmatch(start) and DAY.fullmatch(end)):
        raise ValueError(_("办理时间写成 07-01 至 08-25 这样的月日。"))
    if term not in TERMS[1:]:
        raise ValueError(_("每个办理时间要写明是为哪个学期。"))
    return Window(start=start, end=end, term=term)


def _exclusion(one: Mapping[str, Any]) -> Exclusion:
    grade, term = str(one["grade"]), str(one["term"])
    if grade not in POSITIONS:
        _grade(grade)
    if term not in TERMS:
        raise ValueError(_("没有这个学期。"))
    return Exclusion(grade=grade, term=term)


def entry_grades(schooling: str) -> frozenset[str]:
    """起始年级 of each stage under a 学制."""
    return frozenset({"G01", "G06" if schooling == "five_four" else "G07", "G10"})


def leaving_grades(schooling: str) -> frozenset[str]:
    """毕业年级 of each stage under a 学制."""
    return frozenset({"G05" if schooling == "five_four" else "G06", "G09", "G12"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A wish to move: the grade in which the child sits, the grade wanted at a school with its 学制 and free places (None:
    not known), the state of the 学籍, and what else is open."""

    on: date
    grade: str
    to_grade: str
    schooling: str = ""
    state: str = "01"
    is_away: bool = False
    """有籍不在读."""
    has_register: bool = True
    is_same_school: bool = False
    has_open: bool = False
    free: int | None = None
    stops_at_entry: bool = True


def check_move(rule: TransferRule, wish: Move) -> tuple[Reason, ...]:
    """Everything that stands against a wish to move; empty: it may be asked for."""
    found = [*_time(rule, wish), *_standing(rule, wish)]
    if rule.same_grade and wish.to_grade != wish.grade:
        words = {"grade": registry.grade_label(wish.grade), "other": registry.grade_label(wish.to_grade)}
        found.append(Reason(code="other_grade", text=_("只办理平级转学：现在是%(grade)s，申请的是%(other)s。") % words))
    if wish.free is not None and wish.free <= 0:
        found.append(_full(wish))
    return tuple(found)


def _full(wish: Move) -> Reason:
    grade = registry.grade_label(wish.to_grade)
    if wish.stops_at_entry and wish.to_grade in entry_grades(wish.schooling):
        return Reason(code="entry_full", text=_("起始年级%(grade)s的学位已满，不得超额。") % {"grade": grade})
    return Reason(code="full", text=_("转入学校%(grade)s没有空余学位。") % {"grade": grade})


def _time(rule: TransferRule, wish: Move) -> list[Reason]:
    open_now = [one for one in rule.windows if one.holds(wish.on)]
    if not open_now:
        spans = listed(_("%(start)s 至 %(end)s") % {"start": one.start, "end": one.end} for one in rule.windows)
        told = (
            _("现在不在转学办理时间内，办理时间：%(spans)s。") % {"spans": spans}
            if spans
            else _("本地目前不办理转学。")
        )
        return [Reason(code="window", text=told)]
    terms = {one.term for one in open_now}
    for one in rule.exclusions:
        grades = {"leaving": leaving_grades, "entry": entry_grades}.get(one.grade)
        if wish.to_grade in (grades(wish.schooling) if grades else {one.grade}) and (
            not one.term or terms == {one.term}
        ):
            return [Reason(code=f"excluded_{one.grade}", text=_excluded(one, wish.to_grade))]
    return []


def _excluded(one: Exclusion, grade: str) -> str:
    words = {"grade": registry.grade_label(grade)}
    if one.grade == "leaving":
        return _("毕业年级（%(grade)s）不办理转学。") % words
    if one.grade == "entry" and one.term == "1":
        return _("起始年级（%(grade)s）第一学期不办理转学。") % words
    return _("%(grade)s这个学期不办理转学。") % words


def _standing(rule: TransferRule, wish: Move) -> list[Reason]:
    found = []
    if not wish.has_register:
        found.append(Reason(code="no_register", text=_("本平台没有这名学生的学籍，请先由就读学校核对学籍。")))
    if rule.refuses_suspended and (wish.state == SUSPENDED or wish.is_away):
        found.append(Reason(code="suspended", text=_("休学期间不办理转学，请先复学。")))
    if wish.is_same_school:
        found.append(Reason(code="same_school", text=_("转入学校就是现在的学校。")))
    if wish.has_open:
        found.append(Reason(code="open", text=_("这名学生已经有一件没有办完的转学。")))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A wish for 休学 from a day to the day of return; ``months_before``: months of former ones in a row."""

    start: date
    end: date
    today: date
    state: str = "01"
    is_away: bool = False
    months_before: int = 0
    has_proof: bool = True
    is_longer: bool = False
    """The child is away and stays longer: ``start`` is the day on which it was expected back."""


def months_between(start: date, end: date) -> int:
    """Whole months from a day to another, a part counts as one."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    return whole + (1 if end.day > start.day else 0)


def check_pause(rule: SuspensionRule, wish: Pause) -> tuple[Reason, ...]:
    """Everything that stands against 休学."""
    found = []
    if not wish.is_longer and (wish.state == SUSPENDED or wish.is_away):
        found.append(Reason(code="already", text=_("这名学生已经休学。")))
    if wish.end <= wish.start:
        told = _("延长后的日期要晚于原来的返校日期。") if wish.is_longer else _("复学日期要晚于休学日期。")
        return (*found, Reason(code="order", text=told))
    if wish.end <= wish.today:
        found.append(Reason(code="past", text=_("复学日期 %(day)s 已经过去。") % {"day": day(wish.end)}))
    months = months_between(wish.start, wish.end)
    if months < rule.least_months and not wish.is_longer:
        found.append(
            Reason(code="short", text=_("休学至少 %(n)d 个月；时间更短的按请假办理。") % {"n": rule.least_months})
        )
    if months > rule.most_months:
        found.append(
            Reason(code="long", text=_("一次休学最长 %(n)d 个月，期满可以申请延长。") % {"n": rule.most_months})
        )
    if months + wish.months_before > rule.most_in_all:
        found.append(Reason(code="whole", text=_("累计休学最长 %(n)d 个月。") % {"n": rule.most_in_all}))
    if not wish.has_proof:
        found.append(Reason(code="proof", text=_("请提供证明：%(proof)s。") % {"proof": rule.proof}))
    return tuple(found)


def return_grades(grade: str, asked: str) -> tuple[str, ...]:
    """复学: grades into which a child may come back that left in ``grade`` while its year is in ``asked`` now: any between,
    never higher than its year and never lower than where it stopped."""
    grades = registry.GRADES
    if grade not in grades or asked not in grades:
        return ()
    first, last = grades.index(grade), grades.index(asked)
    return grades[first : last + 1] if first <= last else (grade,)


def check_withdrawal(rule: WithdrawalRule, grade: str) -> tuple[Reason, ...]:
    """退学: refused for the grades of the rule, with its words."""
    if grade in rule.refused:
        words = {"grade": registry.grade_label(grade), "text": rule.text}
        return (Reason(code="compulsory", text=_("%(grade)s不得退学：%(text)s") % words),)
    return ()
