"""What an organisation says about days and terms; organisations below inherit it day by day."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..types.words import DayKind, FirstWeek


class CalendarDay(models.Model):
    """One day that is not simply its weekday. The entry of the nearest organisation upwards counts."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="calendar_days")
    day = models.DateField()
    kind = models.TextField(choices=DayKind.choices)
    name = models.TextField(blank=True, default="")
    follows_day = models.DateField(null=True, help_text="the day whose lessons are held instead")
    follows_weekday = models.SmallIntegerField(default=0, help_text="1–7, 0 = its own")
    notice = models.TextField(blank=True, default="", help_text="the document that says so")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "day"], name="timetable_one_entry_a_day"),
            models.CheckConstraint(
                condition=models.Q(follows_weekday__gte=0, follows_weekday__lte=7), name="timetable_weekday_of_entry"
            ),
        ]


class TermRule(models.Model):
    """Which week of a term is 第 1 周; without a row the week that contains its first day."""

    term = models.OneToOneField(
        "registry.Term", on_delete=models.CASCADE, primary_key=True, related_name="calendar_rule"
    )
    first_week = models.TextField(choices=FirstWeek.choices, default=FirstWeek.CONTAINING)


class CalendarState(models.Model):
    """One row: its number grows with every change of a calendar, so that a process knows whether what it kept is true."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField(default=0)
