"""Bell times as people type them: one period a line, ``第1节 08:00-08:40``."""

from __future__ import annotations

import re
from collections import Counter
from datetime import time

from django.utils.translation import gettext as _

from .values import Period
from .words import SLOT_LETTERS, PeriodKind

MOST_PERIODS = 24
_TIMES = re.compile(r"(\d{1,2})\s*[:：.]\s*(\d{2})\s*[-–—~～至到]+\s*(\d{1,2})\s*[:：.]\s*(\d{2})")
_KINDS = (
    (PeriodKind.EVENING, ("晚自习", "晚自修", "晚修", "晚课")),
    (PeriodKind.READING, ("早读", "晨读", "早自习", "晨会", "午读")),
    (PeriodKind.AFTER, ("课后服务", "延时", "社团", "托管")),
    (PeriodKind.NOON, ("午休", "午餐", "午睡", "午间")),
    (PeriodKind.BREAK, ("课间", "大课间", "眼保健操", "早操", "课间操", "升旗")),
)
STANDARD = """第1节 08:00-08:40
第2节 08:50-09:30
大课间 09:30-09:40
第3节 09:40-10:20
第4节 10:30-11:10
第5节 11:20-12:00
午休 12:00-14:00
第6节 14:00-14:40
第7节 14:50-15:30
课后服务 15:40-16:40"""
"""What a school without bell times is offered to begin with."""


class BadPeriods(ValueError):
    """``message`` is a translated sentence with the line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


def kind_of(name: str) -> str:
    return next((kind.value for kind, words in _KINDS if any(word in name for word in words)), PeriodKind.LESSON.value)


def read_periods(text: str) -> tuple[Period, ...]:
    """Periods in the order of the day with their slots. Raises :class:`BadPeriods` for a line that is none, times that do
    not exist, and periods that overlap."""
    found: list[tuple[int, str, time, time]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _TIMES.search(line)
        name = line[: match.start()].strip(" \t，,：:") if match else ""
        if match is None or not name:
            raise BadPeriods(number, _("写成“第1节 08:00-08:40”的样子。"))
        try:
            starts, ends = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
        except ValueError as error:
            raise BadPeriods(number, _("没有这个时刻。")) from error
        if ends <= starts:
            raise BadPeriods(number, _("结束要晚于开始。"))
        found.append((number, name[:20], starts, ends))
    if not found or len(found) > MOST_PERIODS:
        raise BadPeriods(1, _("一天写 1 到 24 段。"))
    return _in_order(found)


def _in_order(found: list[tuple[int, str, time, time]]) -> tuple[Period, ...]:
    made: list[Period] = []
    counted: Counter[str] = Counter()
    for number, name, starts, ends in sorted(found, key=lambda one: one[2]):
        if made and starts < made[-1].ends:
            raise BadPeriods(number, _("“%(name)s”与“%(other)s”的时间重叠。") % {"name": name, "other": made[-1].name})
        kind = kind_of(name)
        counted[kind] += 1
        slot = f"{SLOT_LETTERS[PeriodKind(kind)]}{counted[kind]}"
        made.append(Period(slot=slot, name=name, kind=kind, starts=starts, ends=ends))
    return tuple(made)


def write_periods(periods: tuple[Period, ...]) -> str:
    return "\n".join(f"{one.name} {one.starts:%H:%M}-{one.ends:%H:%M}" for one in periods)
