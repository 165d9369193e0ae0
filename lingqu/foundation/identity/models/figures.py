"""What is counted about accounts: one row a place and kind of people, written anew each hour."""

from __future__ import annotations

from django.db import models

from ..types.words import Part


class SignInFigures(models.Model):
    """How many people a place has and how far their accounts are in use; see ``selectors.figures.COLUMNS``."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    part = models.TextField(choices=Part.choices)
    people = models.IntegerField()
    opened = models.IntegerField()
    activated = models.IntegerField()
    phone = models.IntegerField()
    email = models.IntegerField()
    active = models.IntegerField()
    dormant = models.IntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "part"], name="identity_figures_once")]
