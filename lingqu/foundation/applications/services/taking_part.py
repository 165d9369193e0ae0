"""What protocols write while people enter: participations, releases of data, the request log."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lingqu.foundation.identity import api as identity
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.batches import Batch
from lingqu.kernel.clock import now, today
from lingqu.kernel.compiled import prepared

from .. import register
from ..selectors.claims import Known, claims_of, known_of
from ..types.values import App

MOST_DETAIL = 500
_JOIN = """
INSERT INTO applications_participation (session_id, application_id, protocol, key, data, first_at, last_at)
VALUES (%(session)s, %(application)s, %(protocol)s, %(key)s, %(data)s::jsonb, clock_timestamp(), clock_timestamp())
ON CONFLICT (session_id, application_id, protocol, key)
DO UPDATE SET data = EXCLUDED.data, last_at = EXCLUDED.last_at
"""
_LOG = """
INSERT INTO applications_requestlog (application_id, at, protocol, endpoint, outcome, detail, milliseconds, request_id)
SELECT line.* FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[])
    AS line (application, at, protocol, endpoint, outcome, detail, milliseconds, request)
JOIN applications_application a ON a.id = line.application
"""
_RELEASE = """
INSERT INTO applications_release AS held
    (application_id, account_id, person_id, protocol, fields, fields_digest, day, first_at, last_at, count)
VALUES (%(application)s, %(account)s, %(person)s, %(protocol)s, %(fields)s, %(digest)s, %(day)s,
        clock_timestamp(), clock_timestamp(), 1)
ON CONFLICT (application_id, account_id, protocol, fields_digest, day)
DO UPDATE SET count = held.count + 1, last_at = EXCLUDED.last_at
RETURNING count = 1
"""
_AGAIN = """
WITH told AS (SELECT id, count(*) AS times FROM unnest(%s::bigint[]) AS id GROUP BY id),
     held AS (SELECT r.id FROM applications_release r JOIN told USING (id) ORDER BY r.id FOR UPDATE OF r)
UPDATE applications_release r SET count = r.count + told.times, last_at = clock_timestamp()
FROM held JOIN told USING (id) WHERE r.id = held.id
"""
_RELEASES = """
INSERT INTO applications_release AS held
    (application_id, account_id, person_id, protocol, fields, fields_digest, day, first_at, last_at, count)
SELECT %(application)s, a.id, a.person_id, %(protocol)s, %(fields)s, %(digest)s, %(day)s,
       clock_timestamp(), clock_timestamp(), 1
FROM identity_account a WHERE a.id = ANY(%(accounts)s) ORDER BY a.id
ON CONFLICT (application_id, account_id, protocol, fields_digest, day)
DO UPDATE SET count = held.count + 1, last_at = EXCLUDED.last_at
RETURNING account_id, count = 1
"""


def join(*, session_id: UUID, app: App, protocol: str, key: str = "", data: Mapping[str, Any]) -> None:
    """Note that a session entered an application; entering again renews ``data``, which the logout message is made of."""
    with prepared() as cursor:
        cursor.execute(
            _JOIN, {"session": session_id, "application": app.id, "protocol": protocol, "key": key,
                    "data": json.dumps(dict(data), ensure_ascii=False)},
        )  # fmt: skip


def tell(
    *,
    app: App,
    account_id: UUID,
    protocol: str,
    scopes: Iterable[str],
    subject: str,
    session: identity.SessionFact | None = None,
) -> dict[str, Any]:
    """The claims that an application receives now, noted as a release."""
    known = known_of(app=app, account_id=account_id, protocol=protocol)
    claims = claims_of(
        app=app, account_id=account_id, scopes=scopes, subject=subject, session=session, known=known
    )  # fmt: skip
    _note(known, protocol, claims)
    return claims


def record_release(*, app: App, account_id: UUID, protocol: str, fields: Iterable[str]) -> None:
    """Note that an application received these fields (claim names) of an account; the first time in a day on the trail.

    Nothing is noted for ``sub`` alone, which is no personal data outside the application.
    """
    _note(known_of(app=app, account_id=account_id, protocol=protocol), protocol, fields)


def _note(known: Known, protocol: str, fields: Iterable[str]) -> None:
    """What stands on the trail of today is only counted on, by the batch."""
    names = sorted(set(fields) - {"sub"})
    digest = sha256("\n".join(names).encode()).digest()
    if digest in known.told_today:
        _AGAIN_TOLD.add(known.told_today[digest])
    elif names:
        _release(known, protocol, names, digest)


@transaction.atomic
def _release(known: Known, protocol: str, names: list[str], digest: bytes) -> None:
    app, account = known.app, known.account
    with connection.cursor() as cursor:
        cursor.execute(
            _RELEASE, {"application": app.id, "account": account.id, "person": account.person_id, "protocol": protocol,
                       "fields": names, "digest": digest, "day": today()},
        )  # fmt: skip
        is_first = cursor.fetchone()[0]
    if is_first:
        person_id = account.person_id
        audit.record(
            Actor(kind="account", name=account.login, account_id=account.id, person_id=person_id),
            "applications.released", subject_kind="person" if person_id else "account",
            subject_id=person_id or account.id, path=known.path or app.organisation_path,
            data={"application": app.client_id, "protocol": protocol, "fields": names},
        )  # fmt: skip


@transaction.atomic
def record_releases(*, app: App, protocol: str, given: Mapping[UUID, Iterable[str]]) -> None:
    """The same for a list of people that an application read by itself: fields by account. Two statements a set of fields,
    two more for those who are on the trail today for the first time."""
    by_fields: dict[tuple[str, ...], list[UUID]] = defaultdict(list)
    for account_id, fields in given.items():
        if names := tuple(sorted(set(fields) - {"sub"})):
            by_fields[names].append(account_id)
    for names, account_ids in sorted(by_fields.items()):
        with connection.cursor() as cursor:
            cursor.execute(
                _RELEASES, {"application": app.id, "accounts": account_ids, "protocol": protocol, "fields": list(names),
                            "digest": sha256("\n".join(names).encode()).digest(), "day": today()},
            )  # fmt: skip
            first = [account_id for account_id, is_first in cursor.fetchall() if is_first]
        if first:
            holders = register.accounts().filter(id__in=first).values_list("id", "person_id", "person__path")
            audit.record_many(
                Actor.system(app.name), "applications.released",
                subjects=[
                    ("person" if person_id else "account", person_id or account_id,
                     str(path) if path else app.organisation_path)
                    for account_id, person_id, path in holders
                ],
                data={"application": app.client_id, "protocol": protocol, "fields": list(names)},
            )  # fmt: skip


def log_request(
    *, app: App, protocol: str, endpoint: str, outcome: str, detail: str = "", milliseconds: int, request_id: str = ""
) -> None:
    """One line for the developer and the monitor. ``outcome`` is ``ok`` or an error code; no secret, code or token."""
    _LINES.add(
        (app.id, now(), protocol, endpoint[:200], outcome[:100], detail[:MOST_DETAIL].replace("\0", ""),
         max(0, int(milliseconds)), request_id[:64])
    )  # fmt: skip


def _write_lines(lines: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_LOG, [list(column) for column in zip(*lines, strict=True)])


def _count_again(release_ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, [list(release_ids)])


_LINES = Batch[tuple[Any, ...]]("request log", _write_lines)
_AGAIN_TOLD = Batch[int]("releases", _count_again)
