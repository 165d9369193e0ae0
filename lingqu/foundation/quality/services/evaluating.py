"""Evaluation of a subtree, schools after schools: each batch is one transaction, and a killed evaluation goes on after its
last one. What looks at the whole node (a phone, a number on several pupils) is found first, once."""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from lingqu.kernel import audit, clock, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..checks import CHECKS
from ..models import Evaluation, QualityRule
from ..selectors.places import find_place
from ..types import EvaluationState
from . import settling
from .sealed import SEALED, find_sealed

RULES = Path(__file__).resolve().parents[1] / "data" / "rules.csv"
BATCH = 20_000
"""About so many pupils, in whole schools, are looked at in one transaction."""
LOCK = 0x4C51_0023
STALE = timedelta(minutes=5)


@cache
def shipped_rules() -> tuple[dict[str, str], ...]:
    with RULES.open(encoding="utf-8", newline="") as opened:
        return tuple(csv.DictReader(opened))


def prepare() -> None:
    """Bring shipped rules in; what a bureau changed about a rule stays as it is."""
    QualityRule.objects.bulk_create(
        [
            QualityRule(
                code=row["code"], function=row["function"], severity=row["severity"], owner=row["owner"],
                parameter=int(row["parameter"]) if row["parameter"] else None,
            )
            for row in shipped_rules()
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def order_evaluation(*, actor: Actor, code: str) -> None:
    """Have a place and everything below it checked again, once at a time."""
    place = find_place(code)
    if place is None or not policies.may_handle(actor, str(place.path)):
        raise Forbidden()
    with transaction.atomic():
        audit.record(
            actor, "quality.evaluation.ordered", subject_kind="organisation", subject_id=place.id, path=str(place.path)
        )
        jobs.defer("quality.evaluate", path=str(place.path), _once=f"quality:{place.path}")


def evaluate(*, actor: Actor, path: str) -> dict[str, int]:
    """Findings of every active rule below ``path``: new ones open, those that hold no more are gone, orders without an open
    finding close, the day's scores are written. Repeating gives the same; an evaluation of the same place that was killed
    is brought to its end. Returns new findings by rule.
    """
    require(actor.is_system)
    prepare()
    run_id = _begin(path)
    while _next_step(run_id):
        jobs.checkpoint()
    found: dict[str, int] = Evaluation.objects.get(id=run_id).found
    return found


def _begin(path: str) -> UUID:
    """The evaluation of a place under way, else a new one. One that another day began is given up: its day is over."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        running = Evaluation.objects.filter(path=path, state=EvaluationState.RUNNING)
        running.exclude(day=clock.today()).update(state=EvaluationState.ABANDONED, finished_at=clock.now())
        found = running.filter(day=clock.today()).first()
        if found is None:
            rules = [
                {"code": one.code, "function": one.function, "severity": one.severity, "limit": one.parameter,
                 "active": one.is_active, "kind": CHECKS[one.function].subject.value}
                for one in QualityRule.objects.filter(function__in=CHECKS).order_by("code")
            ]  # fmt: skip
            found = Evaluation.objects.create(path=path, day=clock.today(), rules=rules, beat_at=clock.now())
    return found.id


def _next_step(run_id: UUID) -> bool:
    """One step in a transaction of its own: a rule that looks at the whole node, or a batch of schools. False when done."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        run = Evaluation.objects.select_for_update().get(id=run_id)
        if run.state != EvaluationState.RUNNING:
            return False
        cursor.execute("SET LOCAL work_mem = '64MB'")
        active = [rule for rule in run.rules if rule["active"]]
        waiting = [rule for rule in active if CHECKS[rule["function"]].is_wide and rule["code"] not in run.staged]
        if waiting:
            _stage_wide(cursor, run, waiting[0])
        else:
            batch = settling.next_batch(cursor, str(run.next_path or run.path), f"{run.path}-", BATCH)
            if batch is None:
                return _end(run)
            _check(cursor, run, active, batch)
            run.next_path, run.schools = batch.end, run.schools + len(batch.schools)
        run.beat_at = clock.now()
        run.save(update_fields=["staged", "next_path", "schools", "found", "beat_at"])
    return True


def _end(run: Evaluation) -> bool:
    run.state, run.finished_at = EvaluationState.DONE, clock.now()
    run.save(update_fields=["state", "finished_at"])
    run.wide.all().delete()
    return False


def _stage_wide(cursor: Any, run: Evaluation, rule: dict[str, Any]) -> None:
    values = {
        "path": str(run.path),
        "below": f"{run.path}-",
        "limit": rule["limit"] or 0,
        "rule": rule["code"],
        "run": run.id,
    }
    found = f"SELECT %(run)s, %(rule)s, x.* FROM ({CHECKS[rule['function']].sql}) x (subject, school, path, detail)"  # noqa: S608
    cursor.execute(
        f"INSERT INTO quality_widefinding (evaluation_id, rule, subject, school, path, detail) {found} ORDER BY x.path",
        values,
    )
    run.staged = [*run.staged, rule["code"]]


def _check(cursor: Any, run: Evaluation, active: list[dict[str, Any]], batch: settling.Batch) -> None:
    """Everything about the schools of one batch."""
    cursor.execute("DROP TABLE IF EXISTS quality_found")
    cursor.execute(
        "CREATE TEMP TABLE quality_found (rule text, subject uuid, school uuid, path ltree, detail text) ON COMMIT DROP"
    )
    values = {"path": batch.start, "below": batch.end, "run": run.id}
    for rule in active:
        check = CHECKS[rule["function"]]
        if check.sql and not check.is_wide:
            cursor.execute(
                f"INSERT INTO quality_found (rule, subject, school, path, detail) SELECT %(rule)s, x.* FROM ({check.sql}) x",  # noqa: S608
                values | {"rule": rule["code"], "limit": rule["limit"] or 0},
            )
    cursor.execute(
        "INSERT INTO quality_found SELECT rule, subject, school, path, detail FROM quality_widefinding"
        " WHERE evaluation_id = %(run)s AND path >= %(path)s::ltree AND path < %(below)s::ltree",
        values,
    )
    codes = {rule["function"]: rule["code"] for rule in active if rule["function"] in SEALED}
    if codes:
        wrong = [(codes[one[0]], *one[1:], "") for one in find_sealed(batch.start, batch.end) if one[0] in codes]
        with cursor.copy("COPY quality_found (rule, subject, school, path, detail) FROM STDIN") as copy:
            for row in wrong:
                copy.write_row(row)
    cursor.execute("CREATE INDEX ON quality_found (rule, subject, school)")
    cursor.execute("ANALYZE quality_found")
    for code, number in settling.settle(cursor, run, batch).items():
        run.found[code] = run.found.get(code, 0) + number


def list_stale() -> list[str]:
    """Places whose evaluation lost its worker."""
    rows = Evaluation.objects.filter(state=EvaluationState.RUNNING, beat_at__lt=clock.now() - STALE)
    return [str(path) for path in rows.values_list("path", flat=True)]
