"""Papers that were printed of cases: the code with which anybody who holds one can have it confirmed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from .cases import Case


class CasePaper(models.Model):
    """The official form of a case left the platform. ``code``: ten random characters, the same on every print."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="paper")
    code = models.TextField()
    issued_at = models.DateTimeField(db_default=Now())
