"""What is known about a pupil beside name and place: dated, with its source, sealed where it could hurt."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from ..types.attributes import AttributeKind
from .keys import PersonKey


class PupilAttribute(models.Model):
    """One episode of one attribute. What could hurt the child stands only in ``sealed`` (map with ``value``, ``note``)."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey("registry.Person", on_merge="follow", related_name="pupil_attributes", db_index=False)
    kind = models.TextField(choices=AttributeKind.choices)
    is_sensitive = models.BooleanField(help_text="value and note are sealed")
    value = models.TextField(blank=True, default="", help_text="code of the kind's own list, plain kinds only")
    note = models.TextField(blank=True, default="")
    sealed = models.BinaryField(null=True, help_text="map with value and note of a sensitive kind")
    source = models.TextField(blank=True, default="", help_text="what proves it")
    recorded_by = models.TextField(blank=True, default="")
    recorded_at = models.DateTimeField(db_default=Now())
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    until = models.DateField(null=True, help_text="agreed end, reached by a nightly job")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=models.Q(valid_to=None), name="registry_one_open_attribute"
            ),
            models.CheckConstraint(
                condition=models.Q(is_sensitive=False) | models.Q(value="", note=""),
                name="registry_sensitive_attribute_is_sealed",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "person"], name="registry_attribute_kind", condition=models.Q(valid_to=None)),
            models.Index(fields=["person"], name="registry_attribute_person"),
        ]
