"""Writing statements: one SQL statement for a batch, whatever its size.

Nothing is upserted statement by statement. Who and what statements speak of is brought in before, sorted; then one statement
writes ids, bodies and marks, so that a batch is stored whole or not at all, in one exchange with the database. An id that is
known already breaks it; only then the slow way looks what stands there.
"""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from psycopg import errors

from lingqu.kernel.compiled import prepared

from ..models import StatementId
from ..selectors.restoring import restored
from ..selectors.statements import bodies_of
from ..types.comparison import is_same
from ..types.faults import Clash, Fault
from ..types.marks import EPOCH_SECONDS
from ..types.values import Caller
from .drafts import Draft, bring_in
from .partitions import make_partitions
from .references import note_references, refuse_voiding_voiders, settle

MOST_STATEMENTS, MOST_TRIES = 5000, 6
_encode = msgspec.json.Encoder().encode
_WRITE = f"""WITH
t AS MATERIALIZED (SELECT ((extract(epoch FROM clock_timestamp()) - {EPOCH_SECONDS}) * 1000000)::bigint * 4096
  + nextval('records_tick') AS base),
i AS MATERIALIZED (SELECT r.id, r.body::text, r.files, t.base + (r.nth - 1) * 4096 AS seq FROM t,
  ROWS FROM (unnest(%s::uuid[]), json_array_elements(%s::json), json_array_elements_text(%s::json))
  WITH ORDINALITY AS r(id, body, files, nth)),
a AS (INSERT INTO records_statementid (id, tenant_id, seq) SELECT id, %s, seq FROM i ORDER BY id),
b AS (INSERT INTO records_statement (tenant_id, seq, id, credential, version, body, files)
  SELECT %s, seq, id, %s, %s, body, files FROM i),
c AS (INSERT INTO records_mark (mark, seq)
  SELECT u.mark, t.base + u.nth::bigint * 4096 FROM t, unnest(%s::bigint[], %s::integer[]) AS u(mark, nth) ORDER BY 1)
SELECT base, (SELECT count(*) FROM records_reference WHERE target = ANY(%s::uuid[])) FROM t"""  # noqa: S608


def store(caller: Caller, drafts: list[Draft], *, is_2: bool) -> list[str]:
    """Write drafts and return their ids. What stands there already with the same content is left; other content is a
    :class:`Clash`, and then nothing is written."""
    if not drafts:
        return []
    if len(drafts) > MOST_STATEMENTS:
        raise Fault(f"at most {MOST_STATEMENTS} statements in one request")
    ids = [draft.id for draft in drafts]
    refuse_voiding_voiders(caller.tenant, drafts)
    bring_in(caller.tenant, drafts)
    for _attempt in range(MOST_TRIES):
        try:
            _write(caller, drafts, is_2=is_2)
            return ids
        except (IntegrityError, OperationalError) as error:
            drafts = _after(error, caller.tenant, drafts)
            if not drafts:
                return ids
    raise Fault("too much happens at once, please send it again", status=503, code="busy")


def _write(caller: Caller, drafts: list[Draft], *, is_2: bool) -> None:
    marks = [mark for draft in drafts for mark in draft.marks]
    places = [at for at, draft in enumerate(drafts) for _mark in draft.marks]
    chosen = ",".join([draft.id for draft in drafts if draft.is_chosen])
    values = [
        "{" + ",".join([draft.id for draft in drafts]) + "}",
        _encode([draft.body for draft in drafts]).decode(), _encode([draft.files for draft in drafts]).decode(),
        caller.tenant, caller.tenant, caller.credential, 2 if is_2 else 1,
        "{" + ",".join(map(str, marks)) + "}", "{" + ",".join(map(str, places)) + "}", "{" + chosen + "}",
    ]  # fmt: skip
    references = [at for at, draft in enumerate(drafts) if draft.found.reference]
    if not references and not connection.in_atomic_block:
        base, waiting = _run(values)
    else:
        with transaction.atomic():
            base, waiting = _run(values)
            note_references(caller.tenant, [(drafts[at], base + at * 4096) for at in references])
    if references or waiting:
        settle(
            caller.tenant,
            [drafts[at].id for at in references],
            [d.id for d in drafts if d.is_chosen] if waiting else [],
        )


def _run(values: list[Any]) -> tuple[int, int]:
    with prepared() as cursor:
        cursor.execute(_WRITE, values)
        base, waiting = cursor.fetchone()
        return base, waiting


def _after(error: DatabaseError, tenant: int, drafts: list[Draft]) -> list[Draft]:
    """What is left to write after a failure that another try may heal."""
    cause = error.__cause__
    if isinstance(cause, errors.UniqueViolation):
        if cause.diag.table_name == "records_statementid":
            return _new_ones(tenant, drafts)
        return drafts
    if isinstance(cause, errors.CheckViolation) and "partition" in str(cause):
        make_partitions()
        return drafts
    if isinstance(cause, errors.DeadlockDetected | errors.SerializationFailure):
        return drafts
    raise error


def _new_ones(tenant: int, drafts: list[Draft]) -> list[Draft]:
    standing = bodies_of(tenant, [draft.id for draft in drafts])
    for at, draft in enumerate(drafts):
        if (known := standing.get(draft.id)) is not None:
            mine, theirs = restored([draft.body, known])
            if not is_same(mine, theirs):
                raise Clash(f"another statement has the id {draft.id}", f"$[{at}].id")
    left = [draft for draft in drafts if draft.id not in standing]
    if gone := StatementId.objects.filter(tenant_id=tenant, id__in=[draft.id for draft in left]).first():
        raise Clash(f"a statement with the id {gone.id} was there before; its time is over")
    return left
