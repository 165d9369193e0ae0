"""Accounts without passwords until first use, roles on tree nodes with start and end, one-use activation codes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from lingqu.foundation.registry.models.keys import PersonKey
from lingqu.kernel.fields import LtreeField
from lingqu.kernel.ids import uuid7


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(login=username)


class Account(AbstractBaseUser):
    """One account per person; ``login`` is the person number (or a duty account's own name when ``person`` is empty).

    ``epoch`` rises whenever rights, password or state change: cached rights and sessions of an older epoch end.
    ``password`` is empty until activation; argon2 runs only then.
    """

    STATES: ClassVar = [("new", "未开通"), ("active", "正常"), ("locked", "停用"), ("closed", "已注销")]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = PersonKey("registry.Person", null=True, on_merge="pick", related_name="accounts", db_index=False)
    login = models.TextField()
    password = models.TextField(blank=True, default="")
    state = models.CharField(max_length=6, choices=STATES, default="new")
    must_change_password = models.BooleanField(default=False)
    epoch = models.IntegerField(default=0)
    verified_phone_blind = models.UUIDField(null=True)
    verified_email = models.TextField(blank=True, default="")
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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class RoleAssignment(models.Model):
    """An account holds a role at an organisation (its subtree), from a day until a moment. ``origin`` says why."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="roles")
    role = models.TextField()
    organisation = models.ForeignKey("registry.Organisation", on_delete=models.CASCADE, related_name="+")
    path = LtreeField()
    origin = models.TextField(default="granted", help_text="granted, duty, appointment, relation")
    valid_from = models.DateTimeField(db_default=Now())
    valid_until = models.DateTimeField(null=True)
    granted_by = models.TextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "organisation"],
                condition=models.Q(ended_at=None),
                name="identity_one_open_role",
            )
        ]


class ActivationCode(models.Model):
    """A one-use code (≥ 60 bits; only its keyed digest is stored). ``purpose``: pupil, guardian, staff or reset."""

    id = models.BigAutoField(primary_key=True)
    code_hash = models.UUIDField(unique=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="codes")
    person = PersonKey(
        "registry.Person", null=True, on_merge="follow", related_name="+", help_text="child that a guardian code is for"
    )
    purpose = models.TextField()
    issued_at = models.DateTimeField(db_default=Now())
    issued_by = models.TextField(blank=True, default="")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)


class SignInAttempt(models.Model):
    """Sign-in log: login as a keyed digest, outcome and cause; the base of throttling and of the 登不上 help."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    login_blind = models.UUIDField()
    address_blind = models.UUIDField()
    outcome = models.TextField(help_text="ok, bad_password, unknown, not_active, throttled")

    class Meta:
        indexes = [
            models.Index(fields=["account", "-id"], name="identity_attempt_account"),
            models.Index(fields=["login_blind", "-id"], name="identity_attempt_login"),
            models.Index(fields=["address_blind", "-id"], name="identity_attempt_address"),
        ]
