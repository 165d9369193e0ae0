"""Statements about statements: voiding, and taking over what the other one can be found by (1.0.3 Communication 2.1.3)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ..models import Reference, StatementId
from ..selectors.restoring import restored
from ..selectors.statements import bodies_of
from ..types.faults import Fault
from ..types.marks import taken_over
from ..types.validation import VOIDED, check_statement
from .drafts import Draft, bring_in

DEEPEST = 10


def refuse_voiding_voiders(tenant: int, drafts: Sequence[Draft]) -> None:
    """A voiding statement cannot be voided (1.0.3 Data 2.3.2)."""
    targets = [draft.found.reference for draft in drafts if draft.found.voids]
    for number, body in bodies_of(tenant, targets).items():
        if body["verb"]["id"] == VOIDED:
            raise Fault(f"{number} is itself a voiding statement")


def note_references(tenant: int, made: Sequence[tuple[Draft, int]]) -> None:
    """In the transaction that writes them."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO records_reference (target, seq, tenant_id, is_open) VALUES (%s, %s, %s, true)",
            [(draft.found.reference, seq, tenant) for draft, seq in made],
        )
        cursor.executemany(
            "INSERT INTO records_voiding (target, tenant_id, seq, by) SELECT %s, %s, (SELECT seq FROM records_statementid"
            " WHERE id = %s AND tenant_id = %s), %s ON CONFLICT DO NOTHING",
            [
                (draft.found.reference, tenant, draft.found.reference, tenant, draft.id)
                for draft, _seq in made
                if draft.found.voids
            ],
        )


def settle(tenant: int, referring: Sequence[str], arrived: Sequence[str]) -> None:
    """After the commit: statements that refer take over marks of those they refer to, wherever both are there now."""
    with connection.cursor() as cursor:
        if arrived:
            cursor.execute(
                "UPDATE records_voiding v SET seq = i.seq FROM records_statementid i WHERE v.target = ANY(%s::uuid[])"
                " AND v.tenant_id = %s AND v.seq IS NULL AND i.id = v.target AND i.tenant_id = v.tenant_id",
                [list(arrived), tenant],
            )
    waiting = set(arrived)
    if referring:
        seqs = StatementId.objects.filter(id__in=referring, tenant_id=tenant).values_list("seq", flat=True)
        targets = Reference.objects.filter(tenant_id=tenant, seq__in=list(seqs)).values_list("target", flat=True)
        waiting |= {str(one) for one in targets}
    _take_over(tenant, waiting)


def settle_open(limit: int = 1000) -> int:
    """Those whose other statement came at the very moment they were written; for the job."""
    rows = Reference.objects.filter(is_open=True).order_by("-seq").values_list("tenant_id", "target")[:limit]
    by_tenant: dict[int, set[str]] = {}
    for tenant, target in rows:
        by_tenant.setdefault(tenant, set()).add(str(target))
    for tenant, targets in by_tenant.items():
        settle(tenant, [], sorted(targets))
    return len(rows)


def _take_over(tenant: int, targets: set[str]) -> None:
    """Marks of each target to those who refer to it, and on to those who refer to these."""
    for _level in range(DEEPEST):
        there = bodies_of(tenant, sorted(targets))
        if not there:
            return
        reached: set[str] = set()
        for target in there:
            seqs = list(Reference.objects.filter(tenant_id=tenant, target=target).values_list("seq", flat=True))
            marks = sorted(_marks_below(tenant, target))
            with connection.cursor() as cursor:
                cursor.execute(
                    "WITH n AS (SELECT m, s, EXISTS (SELECT 1 FROM records_month a WHERE s >= a.begin AND s < a.end) AS late"
                    " FROM unnest(%s::bigint[]) m, unnest(%s::bigint[]) s),"
                    " l AS (INSERT INTO records_latemark (mark, seq) SELECT m, s FROM n WHERE late ON CONFLICT DO NOTHING)"
                    " INSERT INTO records_mark (mark, seq) SELECT m, s FROM n WHERE NOT late ORDER BY 1, 2"
                    " ON CONFLICT DO NOTHING",
                    [marks, seqs],
                )
            Reference.objects.filter(tenant_id=tenant, target=target, is_open=True).update(is_open=False)
            above = (
                StatementId.objects.filter(tenant_id=tenant, seq__in=seqs).values_list("id", flat=True) if seqs else []
            )
            reached |= {str(one) for one in above}
        targets = reached


def _marks_below(tenant: int, target: str) -> set[int]:
    """Marks of a statement and of all it refers to, as they are taken over."""
    found: set[int] = set()
    seen: set[str] = set()
    while target and target not in seen and len(seen) < DEEPEST:
        seen.add(target)
        body = bodies_of(tenant, [target]).get(target)
        if body is None:
            break
        whole = restored([body])[0]
        draft = Draft(target, whole, check_statement(whole, "$", is_2=True), True, None, set())
        bring_in(tenant, [draft])
        found |= {taken_over(mark) for mark in draft.marks}
        target = draft.found.reference.lower()
    return found
