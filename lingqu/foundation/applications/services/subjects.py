"""The one user id by which an application knows an account, in every protocol."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Iterable
from uuid import UUID

from lingqu.foundation.identity import api as identity
from lingqu.kernel.compiled import Compiled

from .. import register
from ..models import Subject
from ..types.values import App
from ..types.words import SubjectType

_FIND = Compiled(
    lambda application_id, account_id: Subject.objects.filter(
        application_id=application_id, account_id=account_id
    ).values_list("value"),
    application_id=UUID(int=1), account_id=UUID(int=2),
)  # fmt: skip


def subject_of(*, app: App, account_id: UUID) -> str:
    """The account's id in this application; made at first use and the same for good."""
    if found := _FIND.row(application_id=app.id, account_id=account_id):
        return str(found[0])
    value = _new_value(app, account_id)
    person_id = register.accounts().filter(id=account_id).values_list("person_id", flat=True).get()
    made = Subject(application_id=app.id, account_id=account_id, person_id=person_id, value=value)
    Subject.objects.bulk_create([made], ignore_conflicts=True)
    return Subject.objects.values_list("value", flat=True).get(application_id=app.id, account_id=account_id)


def subjects_of(*, app: App, account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The same for many accounts; what is missing is made. Three statements at most."""
    ids = list(account_ids)
    rows = Subject.objects.filter(application_id=app.id, account_id__in=ids).values_list("account_id", "value")
    found = dict(rows)
    if missing := [one for one in ids if one not in found]:
        people = register.accounts().filter(id__in=missing).values_list("id", "person_id")
        made = [
            Subject(
                application_id=app.id, account_id=account_id, person_id=person_id, value=_new_value(app, account_id)
            )
            for account_id, person_id in people
        ]
        Subject.objects.bulk_create(made, ignore_conflicts=True)
        found = dict(rows.all())
    return {account_id: value for account_id, value in found.items() if account_id is not None}


def find_account_by_subject(*, app: App, subject: str) -> UUID | None:
    """The account that a user id means today: after a merge, the one by which the person signs in."""
    if not subject or len(subject) > 64 or "\0" in subject:
        return None
    row = Subject.objects.filter(application_id=app.id, value=subject).values_list("account_id", "person_id").first()
    if row is None:
        return None
    account_id, person_id = row
    if person_id is not None:
        account = identity.find_account_of(person_id)
        return account.id if account else None
    return account_id


def _new_value(app: App, account_id: UUID) -> str:
    """Pairwise: 128 random bits, which say nothing and cannot be joined with another application's."""
    if app.subject_type == SubjectType.PUBLIC:
        return account_id.hex
    return b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
