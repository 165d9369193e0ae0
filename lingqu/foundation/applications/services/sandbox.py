"""Invented people with whom a vendor tries an application. They stand in no register and in no count."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from lingqu.foundation.identity import api as identity
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor

from .. import policies
from ..models import Application, Consent, Release, RequestLog, SandboxClass, SandboxPerson, Subject, Vendor
from ..selectors.sandbox import ROLE, class_ids
from ..types.sandbox import SCHOOL
from ..types.slots import SANDBOX_RESET

CLASSES = {"3.1": ("三（1）班", "G03"), "8.3": ("八（3）班", "G08")}
"""Name and grade by code."""
EXAMPLES = {code: UUID(int=at) for at, code in enumerate(CLASSES, start=1)}
"""Stand for the ids of the classes where no vendor's are known."""


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


def parts(ids: Mapping[str, UUID] = EXAMPLES) -> tuple[Part, ...]:
    """A pupil of grade 3; a class of grade 8 with pupils, teacher and head; parents; a school administrator. ``ids``: of the
    classes, by code."""
    cast = (
        ("pupil3", "周小禾", "student", "2", ("3.1",)), ("pupil8", "陈一诺", "student", "1", ("8.3",)),
        ("teacher", "苏文", "teacher", "2", ("3.1", "8.3")), ("head", "何清", "class_teacher", "2", ("8.3",)),
        ("parent", "周禾妈妈", "guardian", "2", ()), ("admin", "吴静", "school_admin", "2", ()),
        ("pupil8b", "江知夏", "student", "2", ("8.3",)), ("pupil8c", "宋安然", "student", "1", ("8.3",)),
        ("parent8", "陈一诺爸爸", "guardian", "1", ()),
    )  # fmt: skip
    return tuple(_part(code, name, role, sex, classes, ids) for code, name, role, sex, classes in cast)


@transaction.atomic
def prepare_sandbox(*, actor: Actor) -> SandboxAccounts:
    """The vendor's sandbox people and their classes, made at first call; each call gives all of them a new password."""
    vendor = _locked_vendor(actor)
    known = {_code_of(row): row for row in _people_of(vendor)}
    ids = _classes_of(vendor)
    made = [known.get(part.code) or _open(vendor, part) for part in parts(ids)]
    _restore(made, ids)
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
    application of the firm that is not live, and those applications' request logs are empty; their classes hold nothing that
    applications put there. Returns how many people."""
    vendor = _locked_vendor(actor)
    people = _people_of(vendor)
    account_ids = [row.account_id for row in people]
    identity.end_sessions(account_ids, identity.SessionEnd.BY_ADMIN)
    tried = Application.objects.filter(vendor=vendor, is_sandbox=True)
    for held in (Consent, Release, Subject):
        held.objects.filter(account_id__in=account_ids, application__in=tried).delete()
    RequestLog.objects.filter(application__in=tried).delete()
    _restore(people, _classes_of(vendor))
    SANDBOX_RESET.collect(actor, vendor.id)
    audit.record(
        actor, "applications.sandbox_reset", subject_kind="vendor", subject_id=vendor.id,
        path=str(vendor.organisation.path), data={"accounts": len(people)},
    )  # fmt: skip
    return len(people)


def _locked_vendor(actor: Actor) -> Vendor:
    """The actor's firm, whose sandbox nobody else changes meanwhile."""
    vendor_id = policies.get_vendor(actor)
    return Vendor.objects.select_for_update(of=("self",)).select_related("organisation").get(id=vendor_id)


def _people_of(vendor: Vendor) -> list[SandboxPerson]:
    return list(SandboxPerson.objects.filter(vendor=vendor).select_related("account"))


def _classes_of(vendor: Vendor) -> dict[str, UUID]:
    """Id by code; what is missing is made."""
    SandboxClass.objects.bulk_create(
        [SandboxClass(vendor=vendor, code=code, name=name, grade=grade) for code, (name, grade) in CLASSES.items()],
        ignore_conflicts=True,
    )
    return class_ids(vendor.id)


def _restore(people: Iterable[SandboxPerson], ids: Mapping[str, UUID]) -> None:
    """Everybody is again what they were at first, in the classes that stand now."""
    first = {part.code: part.claims for part in parts(ids)}
    rows = list(people)
    for row in rows:
        row.claims = first.get(_code_of(row), row.claims)
    SandboxPerson.objects.bulk_update(rows, ["claims"])


def _code_of(row: SandboxPerson) -> str:
    """Which part it is; what it is called depends on the language in which the sandbox was prepared."""
    return str(row.account.login).rpartition("_")[2]


def _open(vendor: Vendor, part: Part) -> SandboxPerson:
    account = identity.open_duty_account(
        actor=Actor.system("applications"), name=part.claims["profile"]["name"], role=ROLE,
        login=f"sandbox_{vendor.id.hex[-8:]}_{part.code}", organisation=vendor.organisation,
    )  # fmt: skip
    return SandboxPerson.objects.create(vendor=vendor, account_id=account.id, told=part.told, claims=part.claims)


def _part(code: str, name: str, role: str, sex: str, classes: Iterable[str], ids: Mapping[str, UUID]) -> Part:
    number = f"0000000{sum(map(ord, code)) % 100_000:05d}"
    return Part(
        code=code, told=f"{name}（{identity.ROLES[role].title}）",
        claims={
            "profile": {"name": name}, "gender": {"gender": "male" if sex == "1" else "female"},
            "roles": {"lingqu_roles": [{"role": role, "organisation": SCHOOL}]},
            "classes": {"lingqu_classes": [
                {"id": str(ids[one]), "name": CLASSES[one][0], "grade": CLASSES[one][1]} for one in classes
            ]},
            "person_number": {"lingqu_person_number": number},
            "phone": {"phone_number": "12000000000", "phone_number_verified": False},
            "email": {"email": f"{code}@sandbox.example", "email_verified": False},
            "vendor_user": {"lingqu_vendor_user": f"old-{code}"},
        },
    )  # fmt: skip
