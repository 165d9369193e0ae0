"""Versioned code tables and the field registry: who owns a field, how sensitive it is."""

from __future__ import annotations

from django.db import models


class CodeTable(models.Model):
    """A code table of a standard in one version, e.g. ``GB/T 3304`` as ``ethnicity``."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    standard = models.TextField(blank=True, default="")
    version = models.TextField(blank=True, default="")


class CodeValue(models.Model):
    """``synonyms`` are further spellings that files use for the value."""

    id = models.BigAutoField(primary_key=True)
    table = models.ForeignKey(CodeTable, on_delete=models.CASCADE, related_name="values")
    code = models.TextField()
    name = models.TextField()
    parent_code = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    synonyms = models.JSONField(default=list)
    sort_order = models.IntegerField(default=0)
    retired_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table", "code"], name="registry_code_value")]


class FieldDefinition(models.Model):
    """A data element of the register: national short name, owner, sensitivity. Ownership decides who may edit."""

    entity = models.TextField()
    field = models.TextField()
    label = models.TextField()
    element = models.TextField(blank=True, default="", help_text="data element short name, e.g. XM")
    owner = models.TextField(help_text="national_pupil, national_staff, province, local")
    sensitivity = models.TextField(default="plain", help_text="plain, sensitive")
    code_table = models.TextField(blank=True, default="")
    synonyms = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "field"], name="registry_field_definition")]
