"""People and their dated relations. A foreign key to Person is never rewritten: merge sets ``canonical``."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7

from ..types.words import (
    AppointmentRelation,
    Attendance,
    DutyKind,
    EmploymentKind,
    GuardianKind,
)
from .classes import ClassGroup
from .keys import PersonKey
from .organisations import Organisation


class Person(models.Model):
    """One person for life. ``number`` = 3-digit node + 8-digit serial + check digit (ISO 7064 MOD 11,10).

    ``sealed`` holds the sensitive values (``id_number``, ``phone``, ``address``) as one sealed map; ``id_blind`` and
    ``phone_blind`` find them by exact value. ``name_key`` is the pinyin sort key with surname readings, ``name_initials``
    its first letters. ``organisation`` is the owning organisation (where the person's data is kept in order).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=12)
    canonical = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField(help_text="path of the owning organisation")
    name = models.TextField()
    name_key = models.TextField()
    name_initials = models.TextField()
    sex = models.CharField(max_length=1, default="0", help_text="GB/T 2261.1")
    birth_date = models.DateField(null=True)
    ethnicity = models.CharField(max_length=2, blank=True, default="", help_text="GB/T 3304")
    nationality = models.CharField(max_length=3, blank=True, default="")
    id_type = models.CharField(max_length=2, blank=True, default="", help_text="JY/T 1001 SFZJLX")
    id_blind = models.UUIDField(null=True)
    phone_blind = models.UUIDField(null=True)
    sealed = models.BinaryField(null=True)
    email = models.TextField(blank=True, default="")
    attributes = models.JSONField(default=dict, help_text="further local fields by code")
    deceased_on = models.DateField(null=True)
    synthetic = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number"], name="registry_person_number")]
        indexes = [
            models.Index(
                fields=["id_blind"], name="registry_person_id_blind", condition=models.Q(id_blind__isnull=False)
            ),
            models.Index(
                fields=["phone_blind"], name="registry_person_phone", condition=models.Q(phone_blind__isnull=False)
            ),
            models.Index(fields=["name", "id"], name="registry_person_name"),
            models.Index(fields=["name_initials", "name_key", "id"], name="registry_person_initials"),
            models.Index(
                fields=["canonical"], name="registry_person_merged", condition=models.Q(canonical__isnull=False)
            ),
        ]


class PersonHistory(models.Model):
    """What an attribute set was before a change: recorded history (attributes only; episodes have their own dates)."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, on_merge="follow", on_delete=models.CASCADE, related_name="history", db_index=False)
    recorded_at = models.DateTimeField(db_default=Now())
    before = models.JSONField(help_text="changed plain fields with their former values; sensitive ones only by name")
    sealed_before = models.BinaryField(null=True)
    source = models.TextField(blank=True, default="")
    actor_name = models.TextField(blank=True, default="")
    import_id = models.UUIDField(null=True, help_text="import that made the change")

    class Meta:
        indexes = [
            models.Index(fields=["person", "id"], name="registry_person_history"),
            models.Index(
                fields=["import_id"], name="registry_history_import", condition=models.Q(import_id__isnull=False)
            ),
        ]


class RegisterEntry(models.Model):
    """学籍: mirror of the national register, read-only here. Several open ones for a child are a finding, not an error."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, on_merge="follow", related_name="register_entries", db_index=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    number_blind = models.UUIDField(null=True, help_text="学籍号 by keyed digest")
    sealed = models.BinaryField(null=True, help_text="map with register_number")
    state = models.CharField(max_length=2, default="01", help_text="JY/T 1001 XSDQZT")
    grade = models.CharField(max_length=3, blank=True, default="")
    source = models.TextField()
    as_of = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="registry_register_person"),
            models.Index(fields=["path"], name="registry_register_path"),
            models.Index(
                fields=["number_blind"], name="registry_register_number", condition=models.Q(number_blind__isnull=False)
            ),
        ]


class Enrolment(models.Model):
    """就读 episode: the child sits in this school. ``path`` and ``name_key`` repeat for lists in one index."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, on_merge="follow", related_name="enrolments", db_index=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    name_key = models.TextField()
    grade = models.CharField(max_length=3, blank=True, default="")
    attendance = models.TextField(choices=Attendance.choices, default=Attendance.REGISTERED)
    school_number = models.TextField(blank=True, default="", help_text="学号 within the school")
    boarding = models.BooleanField(null=True)
    source = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="", db_default="", help_text="why the child came or stays away")
    expected_on = models.DateField(null=True, help_text="day by which an absent child should be back")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="registry_enrolment_person"),
            models.Index(
                fields=["path", "name_key", "id"], name="registry_enrolment_list", condition=models.Q(valid_to=None)
            ),
            models.Index(
                fields=["school", "school_number"],
                name="registry_enrolment_number",
                condition=models.Q(valid_to=None) & ~models.Q(school_number=""),
            ),
        ]


class Appointment(models.Model):
    """A staff member's relation with an organisation: 编制单位 or 工作单位, with the kind of employment."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, on_merge="follow", related_name="appointments", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    name_key = models.TextField()
    relation = models.TextField(choices=AppointmentRelation.choices, default=AppointmentRelation.WORKS_AT)
    employment_kind = models.TextField(choices=EmploymentKind.choices, default=EmploymentKind.UNKNOWN)
    staff_number = models.TextField(blank=True, default="", help_text="工号 within the organisation")
    post = models.TextField(blank=True, default="", help_text="JY/T 1001 GWZY / local")
    title = models.TextField(blank=True, default="", help_text="GB/T 8561 / local")
    stage = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    full_time = models.BooleanField(null=True, help_text="专任, as stated; unstated: the post and lessons tell")
    source = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="registry_appointment_person"),
            models.Index(
                fields=["path", "name_key", "id"], name="registry_appointment_list", condition=models.Q(valid_to=None)
            ),
            models.Index(
                fields=["organisation", "staff_number"],
                name="registry_appointment_number",
                condition=models.Q(valid_to=None) & ~models.Q(staff_number=""),
            ),
        ]


class Duty(models.Model):
    """A duty with its place: 班主任 of a class, 年级组长 of a grade, 教务主任 of a school."""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, on_merge="follow", related_name="duties", db_index=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    path = LtreeField()
    kind = models.TextField(choices=DutyKind.choices)
    class_group = models.ForeignKey(
        ClassGroup, null=True, on_delete=models.CASCADE, related_name="duties", db_index=False
    )
    grade = models.CharField(max_length=3, blank=True, default="")
    subject = models.TextField(blank=True, default="")
    source = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["person"], name="registry_duty_person"),
            models.Index(fields=["organisation", "kind"], name="registry_duty_organisation"),
            models.Index(
                fields=["class_group"], name="registry_duty_class", condition=models.Q(class_group__isnull=False)
            ),
        ]


class Guardianship(models.Model):
    """Who cares for a child. The guardian is a person or an organisation; the relation, proof and period sit on the link."""

    id = models.BigAutoField(primary_key=True)
    child = PersonKey(Person, on_merge="follow", related_name="guardianships", db_index=False)
    guardian = PersonKey(Person, null=True, on_merge="follow", related_name="wards", db_index=False)
    guardian_organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    relation = models.CharField(max_length=2, blank=True, default="", help_text="GB/T 4761")
    kind = models.TextField(choices=GuardianKind.choices, default=GuardianKind.LEGAL)
    is_primary = models.BooleanField(default=False)
    lives_with = models.BooleanField(null=True)
    proof = models.TextField(blank=True, default="")
    confirmed_by_school = models.BooleanField(default=False)
    source = models.TextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    until = models.DateField(null=True, help_text="agreed end: on that day the guardianship is ended")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(guardian__isnull=False) ^ models.Q(guardian_organisation__isnull=False),
                name="registry_guardian_is_person_or_organisation",
            )
        ]
        indexes = [
            models.Index(fields=["child"], name="registry_guardianship_child"),
            models.Index(
                fields=["guardian"], name="registry_guardianship_guardian", condition=models.Q(guardian__isnull=False)
            ),
        ]


class ExternalIdentifier(models.Model):
    """An id that somebody else issued: 省统一身份号, 国家平台号, 教师系统编号 …"""

    id = models.BigAutoField(primary_key=True)
    person = PersonKey(Person, null=True, on_merge="follow", related_name="external_identifiers")
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.CASCADE, related_name="external_identifiers"
    )
    issuer = models.TextField()
    value = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "value"], condition=models.Q(valid_to=None), name="registry_external_identifier"
            )
        ]
