"""Accounts without passwords until first use, and the roles they hold on the organisation tree."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.ids import uuid7

from ..types.words import DUTY_ROLES


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(login=username)


class Account(AbstractBaseUser):
    """One account per person; ``login`` is the person number, or a duty account's own name when ``person`` is empty.

    ``epoch`` rises with everything that changes what the account may do: rights cached under an older one are dead.
    ``password`` is empty until activation; argon2 runs only then.
    """

    STATES: ClassVar = [("new", "未开通"), ("active", "正常"), ("locked", "停用"), ("closed", "已注销")]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = PersonKey("registry.Person", null=True, on_merge="pick", related_name="accounts", db_index=False)
    login = models.TextField()
    name = models.TextField(
        blank=True, default="", help_text="of a duty account; a person's name stands in the register"
    )
    password = models.TextField(blank=True, default="")
    state = models.CharField(max_length=6, choices=STATES, default="new")
    locked_until = models.DateTimeField(null=True, help_text="end of a stop for a time; empty: until somebody ends it")
    lock_reason = models.TextField(
        blank=True, default="", db_default="", help_text="for those who administer the account"
    )
    epoch = models.IntegerField(default=0)
    verified_phone_blind = models.UUIDField(null=True)
    verified_email = models.TextField(blank=True, default="")
    last_role = models.TextField(blank=True, default="", help_text="key of the role chosen last")
    language = models.TextField(blank=True, default="", db_default="", help_text="chosen by its owner; empty: not yet")
    opened_at = models.DateTimeField(db_default=Now())
    activated_at = models.DateTimeField(null=True)
    last_login = models.DateTimeField(null=True)

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["login"], name="identity_account_login"),
            models.UniqueConstraint(fields=["person"], name="identity_account_person"),
            models.UniqueConstraint(
                fields=["verified_email"], condition=~models.Q(verified_email=""), name="identity_account_email"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["new", "active", "locked", "closed"]), name="identity_account_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["verified_phone_blind"],
                name="identity_account_phone",
                condition=models.Q(verified_phone_blind__isnull=False),
            )
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        return self.state == "active"


class RoleAssignment(models.Model):
    """An account holds a role at an organisation and its subtree, from a moment until a moment.

    Only granted roles are rows; roles that follow from the register (pupil, teacher, guardian …) are derived when
    needed. The exclusion keeps the separated duties apart even for writers that run side by side.
    """

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="roles")
    role = models.TextField()
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True)
    granted_by = models.TextField(blank=True, default="")
    granted_at = models.DateTimeField(db_default=Now())
    ended_by = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "organisation"],
                condition=models.Q(ended_at=None),
                name="identity_one_open_role",
            ),
            ExclusionConstraint(
                name="identity_duties_exclude_each_other",
                expressions=[("account", RangeOperators.EQUAL), ("role", RangeOperators.NOT_EQUAL)],
                condition=models.Q(role__in=DUTY_ROLES, ended_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "role"], name="identity_role_place", condition=models.Q(ended_at=None))
        ]


class KnownDevice(models.Model):
    """A browser in which an account has signed in: it keeps its own allowance, whatever others try elsewhere."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices", db_index=False)
    device_blind = models.UUIDField()
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "device_blind"], name="identity_known_device_once")]
