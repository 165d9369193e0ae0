"""Planned classes and places of a school year."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class SeatPlan(models.Model):
    """Classes planned for a grade; ``per_class`` empty: the places of the county's rule."""

    id = models.BigAutoField(primary_key=True)
    school = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+", db_index=False)
    school_year = models.CharField(max_length=9)
    grade = models.CharField(max_length=3)
    classes = models.IntegerField()
    per_class = models.IntegerField(null=True)
    planned_by = models.TextField(blank=True, default="")
    planned_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "school_year", "grade"], name="service_hall_one_seat_plan"),
            models.CheckConstraint(
                condition=models.Q(classes__gte=0) & (models.Q(per_class=None) | models.Q(per_class__gt=0)),
                name="service_hall_seat_plan_size",
            ),
        ]
