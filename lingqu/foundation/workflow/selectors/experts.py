"""Experts drawn by chance, and whom 回避 keeps out of the draw."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.foundation.registry import api as registry

from .. import register
from ..types.handlers import CaseFact
from ..types.participants import Rule

TIES = ("group", "community", "trusteeship", "central_school")
"""Relations between schools under one roof: 集团, 教共体, 托管, 中心校."""
CLOSE_SQL = """
WITH child AS (
  SELECT * FROM unnest(%(people)s::uuid[]) AS own(id)
  UNION SELECT child_id FROM registry_guardianship WHERE guardian_id = ANY(%(people)s) AND valid_to IS NULL),
kin AS (
  SELECT id FROM child
  UNION SELECT guardian_id FROM registry_guardianship
    WHERE child_id IN (SELECT id FROM child) AND guardian_id IS NOT NULL AND valid_to IS NULL)
SELECT DISTINCT p.id FROM kin JOIN registry_person k ON k.id = kin.id
JOIN registry_person p ON p.id = COALESCE(k.canonical_id, k.id) OR p.canonical_id = COALESCE(k.canonical_id, k.id)
"""
"""Those concerned, their children, and everybody who guards one of them, under every id."""
DRAW_SQL = """
WITH place AS (
  SELECT organisation_id AS id FROM registry_appointment WHERE person_id = ANY(%(people)s) AND valid_to IS NULL
  UNION SELECT school_id FROM registry_enrolment WHERE person_id = ANY(%(people)s) AND valid_to IS NULL
  UNION SELECT %(own)s::uuid),
unit AS (
  SELECT CASE WHEN o.kind = 'department' THEN o.parent_id ELSE o.id END AS id
  FROM place JOIN registry_organisation o ON o.id = place.id WHERE place.id <> %(pool)s),
head AS (
  SELECT id FROM unit
  UNION SELECT r.head_id FROM registry_organisationrelation r JOIN unit ON unit.id = r.member_id
    WHERE r.valid_to IS NULL AND r.kind = ANY(%(ties)s)),
tied AS (
  SELECT id FROM head
  UNION SELECT r.member_id FROM registry_organisationrelation r JOIN head ON head.id = r.head_id
    WHERE r.valid_to IS NULL AND r.kind = ANY(%(ties)s)),
barred AS (
  SELECT id FROM tied
  UNION SELECT d.id FROM registry_organisation d JOIN tied ON d.parent_id = tied.id AND d.kind = 'department'
  UNION SELECT o.id FROM tied JOIN registry_organisation t ON t.id = tied.id
    JOIN registry_organisation s ON s.path @> t.path AND s.kind = ANY(%(schools)s)
    JOIN registry_organisation o ON o.path <@ s.path),
member AS (
  SELECT DISTINCT COALESCE(p.canonical_id, p.id) AS id FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
  WHERE a.organisation_id = %(pool)s AND a.valid_to IS NULL)
SELECT member.id FROM member WHERE member.id <> ALL(%(close)s) AND NOT EXISTS (
  SELECT 1 FROM registry_person p LEFT JOIN registry_appointment a ON a.person_id = p.id AND a.valid_to IS NULL
  WHERE (p.id = member.id OR p.canonical_id = member.id)
    AND (p.deceased_on IS NOT NULL OR a.organisation_id IN (SELECT id FROM barred WHERE id <> %(pool)s)))
ORDER BY member.id
"""
"""Members of a pool whom nothing ties to those concerned: neither a school (with its campuses and departments), nor one of
the same 集团, nor a group or studio in which both work."""


def draw(rule: Rule, case: CaseFact, chance: random.Random) -> list[str]:
    """Keys of experts; fewer than asked for means nobody: a panel of two is not a panel of three."""
    pool = registry.find_organisation(rule.organisation)
    if pool is None or pool.closed_on is not None:
        return []
    people = [one for person in (case.starter_id, case.subject_id) if person for one in registry.ids_of(person)]
    found = [row[0] for row in _rows(DRAW_SQL, {
        "people": people, "close": close_to(people), "own": case.organisation_id, "pool": pool.id, "ties": list(TIES),
        "schools": list(register.SCHOOL_KINDS),
    })]  # fmt: skip
    return [f"person:{one}" for one in chance.sample(found, rule.number)] if len(found) >= rule.number else []


def close_to(people: Iterable[UUID]) -> list[UUID]:
    return [row[0] for row in _rows(CLOSE_SQL, {"people": list(people)})]


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
