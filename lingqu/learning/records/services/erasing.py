"""Erasing a person: what says who an actor is goes, and what the person wrote; statements stay, and mean nobody any more."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, files
from lingqu.kernel.actor import Actor as Doer
from lingqu.kernel.actor import require

from .. import policies
from ..models import Actor, Attachment, DeadLetter, Month, Part, Registration
from ..selectors import archive
from ..selectors.restoring import forget_faces
from ..types.erasure import without_words
from ..types.marks import AGENT, mark_of
from ..types.values import Erased
from .actors import forget_actors
from .archiving import STATEMENT_GROUP, lock_months

CHUNK = 1_000


@transaction.atomic
def erase_person(*, actor: Doer, person_id: UUID) -> Erased:
    """Delete the actors of a person with all ways of writing them and their documents; of statements by or about the person also
    answers, extensions and attachments, in files too (those are written anew). Other processes forget within a minute.

    Not found are names that others wrote into texts of their own statements, and copies of the database.
    """
    require(policies.may_keep_credentials(actor))
    lock_months()
    rows = Actor.objects.filter(person_id__in=registry.ids_of(person_id))
    made = {"actors": 0, "statements": 0, "files": 0}
    for tenant in sorted(set(rows.values_list("tenant_id", flat=True))):
        numbers = list(rows.filter(tenant_id=tenant).values_list("id", flat=True))
        marks = [mark_of(one, AGENT) for one in numbers]
        digests: set[str] = set()
        made["statements"] += _in_database(tenant, marks, digests)
        for month in Month.objects.order_by("begin"):
            found = archive.seqs_of_marks(month, marks)
            made["statements"] += len(found)
            made["files"] += _in_files(month, tenant, sorted(found), digests)
        _drop_attachments(tenant, digests)
        made["actors"] += len(numbers)
    rows.delete()
    Registration.objects.filter(person_id__in=registry.ids_of(person_id)).delete()
    audit.record(actor, "records.person_erased", subject_kind="registry.person", subject_id=person_id, data=made)
    forget_actors()
    forget_faces()
    return Erased(**made)


def _in_database(tenant: int, marks: Sequence[int], digests: set[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT seq FROM records_mark WHERE mark = ANY(%s) ORDER BY 1", [list(marks)])
        seqs = [row[0] for row in cursor.fetchall()]
        for begin in range(0, len(seqs), CHUNK):
            cursor.execute(
                "SELECT seq, body, files, id FROM records_statement WHERE tenant_id = %s AND seq = ANY(%s) FOR UPDATE",
                [tenant, seqs[begin : begin + CHUNK]],
            )
            rows = cursor.fetchall()
            _note(rows, digests)
            cursor.execute(
                "UPDATE records_statement s SET body = u.b, files = NULL FROM unnest(%s::bigint[], %s::text[]) AS u(q, b)"
                " WHERE s.tenant_id = %s AND s.seq = u.q",
                [[row[0] for row in rows], [_plain(row[1]) for row in rows], tenant],
            )
    return len(seqs)


def _in_files(month: Month, tenant: int, seqs: Sequence[int], digests: set[str]) -> int:
    """Parts that hold such statements are written anew; the old bytes go when nobody reads them any more (a day)."""
    import polars as pl

    if not seqs:
        return 0
    inside = Q(month=month, kind=Part.STATEMENTS, tenant=tenant, first__lte=seqs[-1], last__gte=seqs[0])
    written = 0
    for part in Part.objects.filter(inside).select_for_update():
        with files.local_copy(part.file) as path:
            frame = pl.read_parquet(path)
        is_one = pl.col("seq").is_in(list(seqs))
        rows = frame.filter(is_one).select("seq", "body", "files", "id").rows()
        if not rows:
            continue
        _note([(*row[:3], UUID(bytes=row[3])) for row in rows], digests)
        plain = pl.DataFrame({"seq": [row[0] for row in rows], "plain": [_plain(row[1]) for row in rows]})
        new = frame.join(plain, on="seq", how="left", maintain_order="left").with_columns(
            body=pl.coalesce("plain", "body"), files=pl.when(is_one).then(None).otherwise(pl.col("files"))
        )
        target = BytesIO()
        new.drop("plain").write_parquet(target, compression="zstd", row_group_size=STATEMENT_GROUP, statistics=True)
        made = files.put(target.getvalue())
        files.detach(owner_kind="records.part", owner_id=part.pk)
        files.attach(made.digest, owner_kind="records.part", owner_id=part.pk)
        Part.objects.filter(pk=part.pk).update(file=made.digest, size=made.size)
        written += 1
    return written


def _plain(body: str) -> str:
    return msgspec.json.encode(without_words(msgspec.json.decode(body))).decode()


def _note(rows: Sequence[tuple[Any, ...]], digests: set[str]) -> None:
    """Attachments of the statements; refusals by another store may repeat what was sent, so they go."""
    digests.update(one for row in rows if row[2] for one in row[2].split(" "))
    DeadLetter.objects.filter(statement__in=[row[3] for row in rows]).delete()


def _drop_attachments(tenant: int, digests: set[str]) -> None:
    """Bytes that no other statement of the tenant came with."""
    if not digests:
        return
    wanted = digests - archive.digests_named(tenant, digests)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT unnest(string_to_array(files, ' ')) FROM records_statement WHERE tenant_id = %s AND files IS NOT NULL",
            [tenant],
        )
        wanted -= {row[0] for row in cursor.fetchall()}
    for row in Attachment.objects.filter(tenant_id=tenant, sha2__in=wanted):
        files.detach(owner_kind="records.attachment", owner_id=row.pk)
        row.delete()
