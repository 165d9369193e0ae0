"""Reads the yearly notice as it is written: 国庆节：10月1日（周四）至8日（周四）放假，9月27日（周日）、10月10日（周六）上班。"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from .words import DayKind

MOST_TEXT, MOST_DAYS = 20_000, 400
LONGEST_HOLIDAY = 120
_WEEKDAYS = {sign: number for number, sign in enumerate("一二三四五六", start=1)} | {"日": 7, "天": 7}
_BRACKETS = re.compile(r"[（(](?:星期|周|礼拜)[一二三四五六日天][、，至\-\s星期周一二三四五六日天]*[)）]")
_DATE = re.compile(
    r"(?:(?P<year>\d{4})\s*[年./-]\s*)?(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*[日号]?"
    r"|(?<![\d月./-])(?P<only>\d{1,2})\s*[日号]"
)
_UNTIL = re.compile(r"^\s*(?:至|到|—+|－|-|~|～)\s*")
_FOLLOWS = re.compile(r"(?:按|上|补|补上)\s*(?:星期|周)([一二三四五六日天])")
_FOLLOWS_DAY = re.compile(r"(?:按|上|补|补上)\s*(?=\d{1,4}\s*[年月./-])")
_KINDS = (
    (DayKind.ORDINARY, re.compile(r"照常|正常上课|正常上班|恢复")),
    (DayKind.STOP, re.compile(r"停课")),
    (DayKind.WORKDAY, re.compile(r"上班|上课|补课|补班|调休上")),
    (DayKind.HOLIDAY, re.compile(r"放假|休息|休假|假期|调休")),
)
_NAME = re.compile(r"([一-鿿]{1,12}(?:节|假|日|会|旦|周))")
_VACATION = re.compile("寒假|暑假")
"""Schools are closed, offices are not: the days stay working days."""
_SERIAL = re.compile(r"^\s*(?:[一二三四五六七八九十]+|\d{1,2})[、.．](?!\d)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDay:
    """One day as a notice says it."""

    day: date
    kind: str
    name: str = ""
    follows_day: date | None = None
    follows_weekday: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeLine:
    """One sentence as understood: its days, or why it was not."""

    text: str
    days: tuple[NoticeDay, ...] = ()
    message: str = ""


def read_notice(text: str, school_year: str) -> tuple[NoticeLine, ...]:
    """Every sentence that names a date. A date without a year belongs to ``school_year`` (``2026-2027``): September to
    December to its first year, the others to its second. Nothing is guessed: what is not understood says so."""
    lines: list[NoticeLine] = []
    for raw in text[:MOST_TEXT].splitlines():
        name = ""
        for sentence in re.split(r"[。；;]", raw):
            bare = _BRACKETS.sub("", _SERIAL.sub("", sentence)).strip()
            found = _NAME.search(_DATE.sub(" ", _FOLLOWS.sub(" ", bare)))
            name = found[1] if found else name
            if bare and (_DATE.search(bare) or any(rule.search(bare) for _kind, rule in _KINDS)):
                lines += _clauses(bare, name, int(school_year[:4]))
    return tuple(lines)


def _clauses(sentence: str, name: str, year: int) -> list[NoticeLine]:
    """A sentence may say first a holiday and then its working days: each verb takes the dates before it."""
    lines: list[NoticeLine] = []
    rest, pending = sentence, ""
    for part in re.split(r"[，,]", rest):
        pending = f"{pending}，{part}" if pending else part
        if _kind_of(pending):
            if _DATE.search(pending):
                lines.append(_line(pending, name, year))
            elif lines and lines[-1].days and _FOLLOWS.search(pending):
                lines[-1] = _line(f"{lines[-1].text}，{pending}", name, year)
            pending = ""
    if pending and _DATE.search(pending):
        if lines and (_FOLLOWS.search(pending) or _FOLLOWS_DAY.search(pending)):
            lines[-1] = _line(f"{lines[-1].text}，{pending}", name, year)
        else:
            lines.append(NoticeLine(text=pending, message=_("没有看出这些日子是放假还是上课。")))
    elif pending and lines and _FOLLOWS.search(pending):
        lines[-1] = _line(f"{lines[-1].text}，{pending}", name, year)
    return lines


def _kind_of(text: str) -> str:
    return next((kind.value for kind, rule in _KINDS if rule.search(text)), "")


def _line(text: str, name: str, year: int) -> NoticeLine:
    kind = _kind_of(text)
    if kind == DayKind.HOLIDAY and _VACATION.search(text + name):
        kind = DayKind.STOP.value
    body, follows_day, follows_weekday = text, None, 0
    if kind == DayKind.WORKDAY:
        body, follows_day, follows_weekday = _followed(text, year)
    try:
        days = _days(body, year)
    except ValueError:
        return NoticeLine(text=text, message=_("日期不存在或先后颠倒。"))
    if not days:
        return NoticeLine(text=text, message=_("没有看出日期。"))
    if len(days) > LONGEST_HOLIDAY:
        return NoticeLine(text=text, message=_("一次超过 120 天，请检查日期。"))
    if follows_day is not None and len(days) > 1:
        return NoticeLine(text=text, message=_("几天补同一天的课，请一天写一句。"))
    return NoticeLine(
        text=text,
        days=tuple(
            NoticeDay(day=day, kind=kind, name=name, follows_day=follows_day, follows_weekday=follows_weekday)
            for day in days
        ),
    )


def _followed(text: str, year: int) -> tuple[str, date | None, int]:
    """Takes 按周五课表 or 补11月27日的课 out of a sentence."""
    place = _FOLLOWS_DAY.search(text)
    if place is not None:
        match = _DATE.match(text, place.end())
        if match is not None:
            try:
                return text[: place.start()], _date(match, year, None), 0
            except ValueError:
                return text, None, 0
    weekday = _FOLLOWS.search(text)
    return (text[: weekday.start()], None, _WEEKDAYS[weekday[1]]) if weekday else (text, None, 0)


def _days(text: str, year: int) -> list[date]:
    found: list[date] = []
    at, last = 0, None
    while (match := _DATE.search(text, at)) is not None:
        day = _date(match, year, last)
        is_range = (
            last is not None and _UNTIL.match(text[at : match.start()] + " ") and text[at : match.start()].strip()
        )
        if is_range and last is not None:
            span = (day - last).days
            if not 0 < span <= MOST_DAYS:
                raise ValueError(text)
            found += [last + timedelta(days=place) for place in range(1, span + 1)]
        else:
            found.append(day)
        at, last = match.end(), day
    return list(dict.fromkeys(found))


def _date(match: re.Match[str], year: int, before: date | None) -> date:
    if match["only"]:
        if before is None:
            raise ValueError(match[0])
        return before.replace(day=int(match["only"]))
    month = int(match["month"])
    if match["year"]:
        chosen = int(match["year"])
    elif before is not None:
        chosen = before.year + (1 if month < before.month - 6 else 0)
    else:
        chosen = year if month >= 8 else year + 1
    return date(chosen, month, int(match["day"]))
