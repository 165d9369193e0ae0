"""Invented people with whom a vendor tries an application. They stand in no register and in no count."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from lingqu.foundation.identity import api as identity
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor

from .. import policies
from ..models import Application, Consent, Release, RequestLog, SandboxPerson, Subject, Vendor

SCHOOL = {"code": "9900000001", "name": "沙箱实验学校（演示）"}


@dataclass(frozen=True, slots=True)
class Part:
    """Whom a sandbox person plays; ``claims`` by scope, as :func:`claims_of` would make them."""

    code: str
    told: str
    claims: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxAccounts:
    """The accounts with the one password they now have; shown once."""

    logins: tuple[tuple[str, str], ...]
    password: str


def parts() -> tuple[Part, ...]:
    """A pupil of each stage, teachers, a parent, a school administrator."""
    return (
        _part("pupil3", "周小禾", "student", "2", ["三（1）班"], ["G03"]),
        _part("pupil8", "陈一诺", "student", "1", ["八（3）班"], ["G08"]),
        _part("teacher", "苏文", "teacher", "2", ["三（1）班", "八（3）班"], ["G03", "G08"]),
        _part("head", "何清", "class_teacher", "2", ["八（3）班"], ["G08"]),
        _part("parent", "周禾妈妈", "guardian", "2", [], []),
        _part("admin", "吴静", "school_admin", "2", [], []),
    )


@transaction.atomic
def prepare_sandbox(*, actor: Actor) -> SandboxAccounts:
    """The vendor's sandbox people, made at first call; each call gives all of them a new password."""
    vendor_id = policies.get_vendor(actor)
    vendor = Vendor.objects.select_for_update(of=("self",)).select_related("organisation").get(id=vendor_id)
    known = {row.told: row for row in SandboxPerson.objects.filter(vendor=vendor).select_related("account")}
    made = []
    for part in parts():
        row = known.get(part.told) or _open(vendor, part)
        made.append(row)
    password = "-".join(secrets.token_hex(2) for _each in range(4))
    identity.set_password([row.account_id for row in made], password, actor=Actor.system("applications"))
    audit.record(
        actor, "applications.sandbox_prepared", subject_kind="vendor", subject_id=vendor.id,
        path=str(vendor.organisation.path), data={"accounts": len(made)},
    )  # fmt: skip
    return SandboxAccounts(logins=tuple((row.account.login, row.told) for row in made), password=password)


@transaction.atomic
def reset_sandbox(*, actor: Actor) -> int:
    """As on the first day: sandbox people are out everywhere, have their first data and no consent, are new to every
    application of the firm that is not live, and those applications' request logs are empty. Returns how many people."""
    vendor_id = policies.get_vendor(actor)
    vendor = Vendor.objects.select_for_update(of=("self",)).select_related("organisation").get(id=vendor_id)
    people = list(SandboxPerson.objects.filter(vendor=vendor))
    account_ids = [row.account_id for row in people]
    identity.end_sessions(account_ids, identity.SessionEnd.BY_ADMIN)
    tried = Application.objects.filter(vendor=vendor, is_sandbox=True)
    for held in (Consent, Release, Subject):
        held.objects.filter(account_id__in=account_ids, application__in=tried).delete()
    RequestLog.objects.filter(application__in=tried).delete()
    first = {part.told: part.claims for part in parts()}
    for row in people:
        row.claims = first.get(row.told, row.claims)
    SandboxPerson.objects.bulk_update(people, ["claims"])
    audit.record(
        actor, "applications.sandbox_reset", subject_kind="vendor", subject_id=vendor.id,
        path=str(vendor.organisation.path), data={"accounts": len(people)},
    )  # fmt: skip
    return len(people)


def _open(vendor: Vendor, part: Part) -> SandboxPerson:
    account = identity.open_duty_account(
        actor=Actor.system("applications"), name=part.claims["profile"]["name"], role="sandbox",
        login=f"sandbox_{vendor.id.hex[-8:]}_{part.code}", organisation=vendor.organisation,
    )  # fmt: skip
    return SandboxPerson.objects.create(vendor=vendor, account_id=account.id, told=part.told, claims=part.claims)


def _part(code: str, name: str, role: str, sex: str, classes: list[str], grades: list[str]) -> Part:
    number = f"0000000{sum(map(ord, code)) % 100_000:05d}"
    return Part(
        code=code, told=f"{name}（{identity.ROLES[role].title}）",
        claims={
            "profile": {"name": name}, "gender": {"gender": "male" if sex == "1" else "female"},
            "roles": {"lingqu_roles": [{"role": role, "organisation": SCHOOL}]},
            "classes": {"lingqu_classes": [
                {"id": f"{at:08d}-0000-7000-8000-000000000000", "name": written, "grade": grade}
                for at, (written, grade) in enumerate(zip(classes, grades, strict=True), start=1)
            ]},
            "person_number": {"lingqu_person_number": number},
            "phone": {"phone_number": "12000000000", "phone_number_verified": False},
            "email": {"email": f"{code}@sandbox.example", "email_verified": False},
            "vendor_user": {"lingqu_vendor_user": f"old-{code}"},
        },
    )  # fmt: skip
