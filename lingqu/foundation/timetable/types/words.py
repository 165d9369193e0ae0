"""Closed word lists of calendar and timetable: codes stored in rows, with their Chinese names."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DayKind(TextChoices):
    """What a calendar says about a day that is not simply its weekday."""

    HOLIDAY = "holiday", _("放假")
    WORKDAY = "workday", _("调休上课")
    STOP = "stop", _("停课")
    ORDINARY = "ordinary", _("照常")


class FirstWeek(TextChoices):
    """Which Monday begins 第 1 周 of a term."""

    CONTAINING = "containing", _("开学那一周算第 1 周")
    FULL = "full", _("开学后第一个整周算第 1 周")


class PeriodKind(TextChoices):
    READING = "reading", _("早读")
    LESSON = "lesson", _("课")
    BREAK = "break", _("大课间")
    NOON = "noon", _("午休")
    AFTER = "after", _("课后服务")
    EVENING = "evening", _("晚自习")


PAUSES = frozenset({PeriodKind.BREAK.value, PeriodKind.NOON.value})
"""Periods in which nobody is taught."""
SLOT_LETTERS = {
    PeriodKind.READING.value: "R", PeriodKind.LESSON.value: "", PeriodKind.BREAK.value: "B",
    PeriodKind.NOON.value: "M", PeriodKind.AFTER.value: "A", PeriodKind.EVENING.value: "N",
}  # fmt: skip


class TimetableState(TextChoices):
    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")


class ChangeKind(TextChoices):
    """What happens to one lesson on one day."""

    SUBSTITUTE = "substitute", _("代课")
    MOVE = "move", _("调课")
    SELF_STUDY = "self_study", _("自习")
    CANCEL = "cancel", _("停上")


class ImportState(TextChoices):
    CLEAN = "clean", _("全部写入")
    PARTLY = "partly", _("部分写入")
