"""Vendors, their applications, filings, secrets and reviews."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.kernel.ids import uuid7

from ..types.words import AppState, ReviewKind, SubjectType, VendorState


class Vendor(models.Model):
    """A firm that offers applications. ``contact`` is a sealed map with phone and e-mail."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.TextField()
    credit_code = models.TextField(help_text="统一社会信用代码, GB 32100")
    contact_name = models.TextField()
    contact = models.BinaryField(null=True)
    state = models.TextField(choices=VendorState.choices, default=VendorState.ACTIVE)
    organisation = models.ForeignKey(
        "registry.Organisation", on_delete=models.PROTECT, related_name="+", help_text="region that keeps it"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "credit_code"], name="applications_vendor_credit_code")
        ]


class VendorMember(models.Model):
    """An account that works for a vendor."""

    id = models.BigAutoField(primary_key=True)
    vendor = models.ForeignKey(Vendor, on_delete=models.CASCADE, related_name="members")
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account"], name="applications_one_vendor_an_account")]


class Application(models.Model):
    """Something that people enter with the region's sign-in. ``client_id`` is its name in every protocol.

    ``organisation`` owns the shelf it stands on: the region, a county or a school; who may enter is said by adoptions.
    ``subject_type`` is fixed once it was live: everything the vendor stored hangs on the ids.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client_id = models.TextField(unique=True)
    name = models.TextField()
    summary = models.TextField(blank=True, default="")
    category = models.TextField(blank=True, default="")
    icon_digest = models.TextField(blank=True, default="")
    vendor = models.ForeignKey(Vendor, null=True, on_delete=models.PROTECT, related_name="applications")
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=AppState.choices, default=AppState.DRAFT)
    is_sandbox = models.BooleanField(default=True, help_text="only the vendor's sandbox people enter")
    subject_type = models.TextField(choices=SubjectType.choices, default=SubjectType.PAIRWISE)
    home_url = models.TextField(blank=True, default="")
    entry_url = models.TextField(blank=True, default="")
    audiences = ArrayField(models.TextField(), default=list, blank=True)
    logout_support = models.BooleanField(default=False)
    session_minutes = models.IntegerField(null=True)
    on_screen = models.BooleanField(default=False, help_text="may be opened on a class screen, in front of everybody")
    round = models.IntegerField(default=0, help_text="how often it was submitted")
    submitted_at = models.DateTimeField(null=True)
    live_since = models.DateTimeField(null=True)
    state_reason = models.TextField(blank=True, default="", help_text="why it was suspended or refused")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(session_minutes=None) | models.Q(session_minutes__range=(5, 720)),
                name="applications_session_minutes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="live") | models.Q(is_sandbox=False), name="applications_live_is_no_sandbox"
            ),
        ]

    @property
    def organisation_path(self) -> str:
        return str(self.organisation.path)


class ApplicationFiling(models.Model):
    """What a bureau must ask about an application before it may be used (教育移动互联网应用程序备案, 等级保护)."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, primary_key=True, related_name="filing")
    provider_record = models.TextField(blank=True, default="", help_text="提供者备案号")
    user_record = models.TextField(blank=True, default="", help_text="使用者备案")
    icp_record = models.TextField(blank=True, default="", help_text="ICP 备案号")
    protection_level = models.SmallIntegerField(null=True, help_text="等保级别")
    protection_tested_on = models.DateField(null=True)
    protection_until = models.DateField(null=True, help_text="when the next 测评 is due")
    record_until = models.DateField(null=True, help_text="end of the 备案")
    credit_code = models.TextField(blank=True, default="", help_text="统一社会信用代码")
    data_place = models.TextField(blank=True, default="", help_text="数据存储地")
    sdks = models.TextField(blank=True, default="", help_text="SDK 清单, one a line")
    fees = models.TextField(blank=True, default="")
    data_return = models.TextField(blank=True, default="", help_text="退出与数据返还")
    emergency_name = models.TextField(blank=True, default="")
    emergency_contact = models.BinaryField(null=True, help_text="sealed map with phone")
    reminded_on = models.DateField(null=True)
    updated_at = models.DateTimeField(db_default=Now())


class Secret(models.Model):
    """A generated secret of at least 256 bits, of which only SHA-256 is kept. Several hold while one is exchanged."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="secrets")
    digest = models.BinaryField()
    hint = models.TextField(help_text="last four characters")
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Review(models.Model):
    """One of the three opinions on one submission."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="reviews", db_index=False)
    round = models.IntegerField()
    kind = models.TextField(choices=ReviewKind.choices)
    is_passed = models.BooleanField()
    remark = models.TextField()
    account = models.ForeignKey("identity.Account", null=True, on_delete=models.SET_NULL, related_name="+")
    by = models.TextField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "round", "kind"], name="applications_one_review_of_a_kind"),
            models.UniqueConstraint(fields=["application", "round", "account"], name="applications_three_reviewers"),
        ]
