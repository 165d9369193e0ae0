"""One organisation tree (隶属) with dated parents, and typed dated relations beside it (属地, 集团, 教共体 …)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import ClassDisplay, OrganisationKind, RelationKind, Schooling


class Organisation(models.Model):
    """A tree position: region, bureau, school, teaching point … ``path`` follows 隶属, ``territory_path`` 属地.

    ``path`` is the chain of ``label`` values from the root; labels are allocated once (base-36 of a sequence) and never
    reused. ``code`` is the 学校(机构)标识码 or the region's own code; unique when present.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.TextField(null=True)
    name = models.TextField()
    short_name = models.TextField(blank=True, default="")
    name_key = models.TextField(blank=True, default="", help_text="pinyin sort key")
    name_initials = models.TextField(blank=True, default="")
    kind = models.TextField(choices=OrganisationKind.choices)
    school_type = models.TextField(blank=True, default="", help_text="JY/T 1001 BXLX")
    ownership = models.TextField(blank=True, default="", help_text="JY/T 1001 XXBB / XXJYJGJBZ")
    schooling = models.TextField(choices=Schooling.choices, blank=True, default="")
    class_display = models.TextField(choices=ClassDisplay.choices, default=ClassDisplay.GRADE_SERIAL)
    urban_rural = models.TextField(blank=True, default="", help_text="JY/T 1001 SZDCXLX")
    division_code = models.TextField(blank=True, default="", help_text="GB/T 2260, optional")
    address = models.TextField(blank=True, default="")
    phone = models.TextField(blank=True, default="", help_text="office phone of the organisation")
    label = models.TextField(unique=True)
    path = LtreeField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False)
    territory_path = LtreeField(null=True)
    sort_order = models.IntegerField(default=0)
    closed_on = models.DateField(null=True)
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="registry_organisation_code"),
            models.UniqueConstraint(fields=["path"], name="registry_organisation_path"),
        ]
        indexes = [
            models.Index(fields=["parent", "sort_order", "name_key"], name="registry_org_children"),
            models.Index(fields=["name"], name="registry_org_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["name_initials"], name="registry_org_initials", opclasses=["text_pattern_ops"]),
        ]


class OrganisationParent(models.Model):
    """隶属 over time: one open episode per organisation with a parent."""

    id = models.BigAutoField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="parent_episodes")
    parent = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(valid_to=None), name="registry_one_open_parent"
            )
        ]


class OrganisationRelation(models.Model):
    """A typed relation ``member`` → ``head`` with dates; ``role``: what people of the head may do there (RelationRole)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(choices=RelationKind.choices)
    head = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="member_relations")
    member = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="head_relations")
    role = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    until = models.DateField(null=True, help_text="agreed end: on that day the relation is ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "head", "member"], condition=models.Q(valid_to=None), name="registry_one_open_relation"
            )
        ]


class OrganisationCount(models.Model):
    """Maintained totals of the organisation itself (not its subtree); the tree page sums them by path."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, primary_key=True, related_name="counts")
    students = models.IntegerField(default=0, help_text="就读: children who sit here now")
    registered = models.IntegerField(default=0, help_text="学籍 held here")
    staff = models.IntegerField(default=0)
    guardians = models.IntegerField(default=0)
    classes = models.IntegerField(default=0)
    people = models.IntegerField(default=0)
    updated_at = models.DateTimeField(db_default=Now())
