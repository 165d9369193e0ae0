"""Tools, their resources in classes, launches under way, line items and scores."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from .types.words import Activity, Grading, Message, Service


class InClass(models.Model):
    """Stands in a class of the register, or in a class of a vendor's sandbox; never in both."""

    class_group = models.ForeignKey(
        "registry.ClassGroup", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sandbox_class = models.ForeignKey(
        "applications.SandboxClass", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True

    @property
    def group(self) -> Any:
        """The class with its school, whichever kind it is; None without one."""
        return self.class_group if self.class_group_id else self.sandbox_class

    @property
    def group_id(self) -> UUID | None:
        return self.class_group_id or self.sandbox_class_id


class Tool(models.Model):
    """What an application has set for LTI. Its id is the one deployment id, its ``client_id`` stands at the application.

    Keys are fetched from ``jwks_url``, or were pasted into ``jwks``. Service tokens and launches made before ``stopped_at``
    are no longer good.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.OneToOneField("applications.Application", on_delete=models.CASCADE, related_name="lti")
    login_url = models.TextField(help_text="third-party-initiated login (OIDC Core 4)")
    redirect_uris = ArrayField(models.TextField())
    target_url = models.TextField(help_text="target link URI of the shelf's entry")
    deep_linking_url = models.TextField(blank=True, default="", help_text="where a teacher chooses; empty: not offered")
    jwks_url = models.TextField(blank=True, default="")
    jwks = models.JSONField(null=True, help_text="public keys that were pasted")
    fetched = models.JSONField(null=True, help_text="public keys as read from jwks_url")
    fetched_at = models.DateTimeField(null=True, help_text="when that was tried last")
    read_at = models.DateTimeField(null=True, help_text="when it gave keys last")
    custom = models.JSONField(default=dict, help_text="custom parameters of every launch, text by name")
    services = ArrayField(models.TextField(choices=Service.choices), default=list, blank=True)
    stopped_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(jwks__isnull=False) | ~models.Q(jwks_url=""), name="lti_tool_has_keys"
            )
        ]


class ResourceLink(InClass):
    """A resource of a tool in a class, or the entry from the shelf, which has no class. ``url`` empty: the tool's own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="links")
    title = models.TextField()
    text = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")
    custom = models.JSONField(default=dict)
    by = models.TextField(help_text="who put it there, as printed")
    starts_at = models.DateTimeField(null=True, help_text="from when pupils may open it")
    ends_at = models.DateTimeField(null=True, help_text="until when")
    former_links = ArrayField(
        models.UUIDField(), default=list, help_text="what it was in former school years, oldest first"
    )
    former_classes = ArrayField(models.UUIDField(), default=list, help_text="the classes of those")
    made_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tool"],
                condition=models.Q(class_group=None, sandbox_class=None),
                name="lti_one_shelf_link_a_tool",
            ),
            models.CheckConstraint(
                condition=models.Q(class_group=None) | models.Q(sandbox_class=None), name="lti_link_one_class"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at=None)
                | models.Q(ends_at=None)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="lti_link_ends_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["class_group", "id"], name="lti_link_class", condition=models.Q(removed_at__isnull=True)
            ),
            models.Index(
                fields=["sandbox_class", "id"],
                name="lti_link_sandbox",
                condition=models.Q(sandbox_class__isnull=False),
            ),
        ]


class Launch(InClass):
    """Somebody is on the way into a tool: the ``lti_message_hint``, for this session and once.

    ``used_at``: the tool was told who it is. ``answered_at``: the answer of Deep Linking came. ``role`` is the key of the
    role that the person acted in.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey("identity.SsoSession", on_delete=models.CASCADE, related_name="+")
    message = models.TextField(choices=Message.choices)
    link = models.ForeignKey(ResourceLink, null=True, on_delete=models.CASCADE, related_name="+")
    class_group = models.ForeignKey("registry.ClassGroup", null=True, on_delete=models.CASCADE, related_name="+")
    sandbox_class = models.ForeignKey(
        "applications.SandboxClass", null=True, on_delete=models.CASCADE, related_name="+"
    )
    role = models.TextField(blank=True, default="")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["made_at"], name="lti_launch_made")]


class LineItem(InClass):
    """Something that a tool gives points for in a class (AGS 3.2). Removed ones stay, with their scores."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tool = models.ForeignKey(Tool, on_delete=models.CASCADE, related_name="+", db_index=False)
    class_group = models.ForeignKey("registry.ClassGroup", null=True, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(ResourceLink, null=True, on_delete=models.SET_NULL, related_name="items")
    label = models.TextField()
    maximum = models.DecimalField(max_digits=12, decimal_places=4)
    resource_id = models.TextField(blank=True, default="")
    tag = models.TextField(blank=True, default="")
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(maximum__gt=0), name="lti_item_has_points"),
            models.CheckConstraint(
                condition=models.Q(class_group=None) ^ models.Q(sandbox_class=None), name="lti_item_in_one_class"
            ),
        ]
        indexes = [
            models.Index(fields=["tool", "class_group", "id"], name="lti_item_tool"),
            models.Index(
                fields=["sandbox_class", "id"],
                name="lti_item_sandbox",
                condition=models.Q(sandbox_class__isnull=False),
            ),
        ]


class Score(models.Model):
    """The latest score of somebody for a line item, by the tool's own clock (``scored_at``). Sandbox people are no ``person``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(LineItem, on_delete=models.CASCADE, related_name="scores", db_index=False)
    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    person = PersonKey("registry.Person", null=True, on_merge="follow", related_name="+")
    subject = models.TextField(help_text="the user id by which the tool named them")
    given = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    maximum = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    activity = models.TextField(choices=Activity.choices)
    grading = models.TextField(choices=Grading.choices)
    comment = models.TextField(blank=True, default="")
    scored_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "account"], name="lti_score_once")]
