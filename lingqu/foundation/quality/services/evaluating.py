"""Evaluation of a subtree in one transaction over a staging table: a killed run leaves nothing half done."""

from __future__ import annotations

import csv
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from lingqu.kernel import audit, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden

from .. import policies
from ..checks import CHECKS
from ..models import QualityRule
from ..selectors.places import find_place
from ..types import WEIGHTS
from .sealed import SEALED, find_sealed

RULES = Path(__file__).resolve().parents[1] / "data" / "rules.csv"
CHUNK = 5000


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
    finding close, the day's scores are written. Repeating gives the same. Returns new findings by rule.
    """
    require(actor.is_system)
    prepare()
    found: dict[str, int] = {}
    rules = list(QualityRule.objects.filter(function__in=CHECKS).order_by("code"))
    with transaction.atomic(), connection.cursor() as cursor:
        _stage(cursor)
        for rule in rules:
            if rule.is_active and CHECKS[rule.function].sql:
                limits: dict[str, str | int] = {
                    "path": path,
                    "below": f"{path}-",
                    "limit": rule.parameter or 0,
                    "rule": rule.code,
                }
                cursor.execute(
                    f"INSERT INTO quality_found (rule, subject, school, path, detail) SELECT %(rule)s, x.* FROM ({CHECKS[rule.function].sql}) x",  # noqa: S608
                    limits,
                )
        _stage_sealed(cursor, path, {rule.function: rule.code for rule in rules if rule.is_active})
        cursor.execute("CREATE INDEX ON quality_found (rule, subject, school)")
        cursor.execute("ANALYZE quality_found")
        for rule in rules:
            found[rule.code] = _settle(cursor, rule, path)
        _close_orders(cursor, path)
        _score(cursor, path)
        cursor.execute("DROP TABLE quality_found")
    return found


def _stage(cursor: Any) -> None:
    cursor.execute(
        "CREATE TEMP TABLE quality_found (rule text, subject uuid, school uuid, path ltree, detail text) ON COMMIT DROP"
    )


def _stage_sealed(cursor: Any, path: str, codes: dict[str, str]) -> None:
    if not set(SEALED) & set(codes):
        return
    rows = find_sealed(path)
    while chunk := list(islice(rows, CHUNK)):
        wanted = [(codes[name], person, school, place) for name, person, school, place in chunk if name in codes]
        cursor.executemany(
            "INSERT INTO quality_found (rule, subject, school, path, detail) VALUES (%s, %s, %s, %s::ltree, '')", wanted
        )


def _settle(cursor: Any, rule: QualityRule, path: str) -> int:
    """Compare what was found with what stands; returns how many are new. Waived ones stay until they are gone."""
    values = {"rule": rule.code, "path": path, "below": f"{path}-", "day": today(), "severity": rule.severity,
              "kind": CHECKS[rule.function].subject.value}  # fmt: skip
    cursor.execute(
        "UPDATE quality_finding f SET state = 'gone', gone_on = %(day)s WHERE f.rule_id = %(rule)s AND f.gone_on IS NULL"
        " AND f.path >= %(path)s::ltree AND f.path < %(below)s::ltree AND NOT EXISTS (SELECT 1 FROM quality_found n"
        " WHERE n.rule = f.rule_id AND n.subject = f.subject_id AND n.school = f.school_id)",
        values,
    )
    cursor.execute(
        "UPDATE quality_finding f SET detail = n.detail, severity = %(severity)s FROM quality_found n WHERE n.rule = %(rule)s"
        " AND f.rule_id = n.rule AND f.subject_id = n.subject AND f.school_id = n.school AND f.gone_on IS NULL"
        " AND (f.detail, f.severity) IS DISTINCT FROM (n.detail, %(severity)s)",
        values,
    )
    cursor.execute(
        "INSERT INTO quality_finding (rule_id, severity, subject_kind, subject_id, school_id, path, detail, state, since,"
        " reason, waived_by) SELECT DISTINCT ON (n.subject, n.school) n.rule, %(severity)s, %(kind)s, n.subject, n.school,"
        " n.path, COALESCE(n.detail, ''), 'open', %(day)s::date, '', '' FROM quality_found n WHERE n.rule = %(rule)s"
        " ON CONFLICT DO NOTHING",
        values,
    )
    return int(cursor.rowcount)


def _close_orders(cursor: Any, path: str) -> None:
    cursor.execute(
        "UPDATE quality_workorder w SET state = 'closed', closed_at = now() WHERE w.state = 'open'"
        " AND w.path >= %(path)s::ltree AND w.path < %(below)s::ltree AND NOT EXISTS (SELECT 1 FROM quality_finding f"
        " WHERE f.work_order_id = w.id AND f.state = 'open')",
        {"path": path, "below": f"{path}-"},
    )


def _score(cursor: Any, path: str) -> None:
    """One row a school and day. README#score"""
    cursor.execute(
        """INSERT INTO quality_dayscore (school_id, path, day, checked, blocks, reviews, hints, cost, score)
        SELECT s.id, s.path, %(day)s::date, s.checked, s.blocks, s.reviews, s.hints, s.cost,
          round(greatest(0, 100 - 10.0 * s.cost / greatest(s.checked, 1)), 1)
        FROM (SELECT o.id, o.path, k.students + k.staff + k.classes AS checked, COALESCE(f.blocks, 0) AS blocks,
            COALESCE(f.reviews, 0) AS reviews, COALESCE(f.hints, 0) AS hints,
            COALESCE(f.blocks * %(block)s + f.reviews * %(review)s + f.hints * %(hint)s, 0) AS cost
          FROM registry_organisation o JOIN registry_organisationcount k ON k.organisation_id = o.id
          LEFT JOIN (SELECT school_id, count(*) FILTER (WHERE severity = 'block') AS blocks,
              count(*) FILTER (WHERE severity = 'review') AS reviews, count(*) FILTER (WHERE severity = 'hint') AS hints
            FROM quality_finding WHERE state = 'open' AND path >= %(path)s::ltree AND path < %(below)s::ltree
            GROUP BY school_id) f ON f.school_id = o.id
          WHERE o.kind IN ('school', 'teaching_point') AND o.closed_on IS NULL
            AND o.path >= %(path)s::ltree AND o.path < %(below)s::ltree) s
        ON CONFLICT (day, school_id) DO UPDATE SET path = EXCLUDED.path, checked = EXCLUDED.checked,
          blocks = EXCLUDED.blocks, reviews = EXCLUDED.reviews, hints = EXCLUDED.hints, cost = EXCLUDED.cost,
          score = EXCLUDED.score""",
        {
            "day": today(),
            "path": path,
            "below": f"{path}-",
            **{str(name.value): weight for name, weight in WEIGHTS.items()},
        },
    )
