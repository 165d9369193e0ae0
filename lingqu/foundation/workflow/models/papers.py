"""Papers that were printed of cases: the code with which anybody who holds one can have it confirmed."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from .cases import Case, CaseFile


class CasePaper(models.Model):
    """The official form of a case left the platform. ``code``: ten random characters, the same on every print."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="paper")
    code = models.TextField()
    issued_at = models.DateTimeField(db_default=Now())


class CaseSeal(models.Model):
    """An electronic seal on a file of a case: whose certificate, and who set it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="seals", db_index=False)
    file = models.OneToOneField(CaseFile, on_delete=models.CASCADE, related_name="seal")
    organisation = models.TextField(help_text="name of the organisation whose seal it is")
    signer = models.TextField(help_text="subject of the certificate")
    serial = models.TextField(help_text="number of the certificate")
    sealed_by = models.TextField(help_text="who set it")
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="workflow_seal_case")]
