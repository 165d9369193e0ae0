"""Figures of schools from the register of today: one statement a group of figures, whatever number of schools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from .. import register
from ..types.figures import FIGURES

_OPEN = "{0}.valid_from <= %(day)s AND ({0}.valid_to IS NULL OR {0}.valid_to > %(day)s)"
STAGE = """CASE WHEN grade LIKE 'K%%' THEN 'preschool' WHEN grade IN ('G10', 'G11', 'G12') THEN 'senior'
  WHEN grade IN ('G07', 'G08', 'G09') OR (grade = 'G06' AND schooling = 'five_four') THEN 'junior'
  WHEN grade LIKE 'G0%%' THEN 'primary' ELSE '' END"""
PUPILS_SQL = f"""
WITH sitting AS (
  SELECT DISTINCT ON (e.school_id, COALESCE(p.canonical_id, p.id)) e.school_id, COALESCE(p.canonical_id, p.id) AS person_id,
    e.grade, e.attendance, e.boarding, c.sex, o.schooling
  FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id
    JOIN registry_person c ON c.id = COALESCE(p.canonical_id, p.id) JOIN registry_organisation o ON o.id = e.school_id
  WHERE e.school_id = ANY(%(schools)s) AND {_OPEN.format("e")} AND p.deceased_on IS NULL AND c.deceased_on IS NULL
  ORDER BY e.school_id, COALESCE(p.canonical_id, p.id), e.attendance = 'absent', e.id DESC),
trait AS (
  SELECT COALESCE(p.canonical_id, p.id) AS person_id, bool_or(t.kind = 'migrant') AS migrant,
    bool_or(t.kind = 'left_behind') AS left_behind
  FROM registry_pupilattribute t JOIN registry_person p ON p.id = t.person_id
  WHERE t.kind IN ('migrant', 'left_behind') AND {_OPEN.format("t")} GROUP BY 1)
SELECT school_id, {STAGE}, count(*), count(*) FILTER (WHERE sex = '1'), count(*) FILTER (WHERE sex = '2'),
  count(*) FILTER (WHERE boarding), count(*) FILTER (WHERE migrant), count(*) FILTER (WHERE left_behind)
FROM sitting LEFT JOIN trait USING (person_id) WHERE attendance <> 'absent' GROUP BY 1, 2
"""  # noqa: S608
PUPIL_CODES = ("pupils", "boys", "girls", "boarding", "migrant", "left_behind")
CLASSES_SQL = f"""
SELECT school_id, {STAGE}, count(*) FROM (
  SELECT g.school_id, o.schooling, COALESCE((SELECT min(one) FROM unnest(g.grades) one), '') AS grade
  FROM registry_classgroup g JOIN registry_organisation o ON o.id = g.school_id
  WHERE g.school_id = ANY(%(schools)s) AND g.school_year_id = %(year)s AND g.kind <> 'teaching'
    AND (g.closed_on IS NULL OR g.closed_on > %(day)s)) room GROUP BY 1, 2
"""  # noqa: S608
STAFF_SQL = f"""
SELECT school_id, count(*), count(*) FILTER (WHERE established) FROM (
  SELECT a.organisation_id AS school_id, COALESCE(p.canonical_id, p.id), bool_or(a.employment_kind = 'established') AS established
  FROM registry_appointment a JOIN registry_person p ON p.id = a.person_id
  WHERE a.organisation_id = ANY(%(schools)s) AND a.relation = 'works_at' AND {_OPEN.format("a")} AND p.deceased_on IS NULL
  GROUP BY 1, 2) one GROUP BY 1
"""  # noqa: S608
TEACHERS_SQL = f"""
SELECT g.school_id, count(DISTINCT COALESCE(p.canonical_id, p.id))
FROM registry_classgroup g JOIN registry_teachingassignment t ON t.class_group_id = g.id AND {_OPEN.format("t")}
  JOIN registry_person p ON p.id = t.person_id
WHERE g.school_id = ANY(%(schools)s) AND g.school_year_id = %(year)s AND p.deceased_on IS NULL GROUP BY 1
"""  # noqa: S608
PRINCIPALS_SQL = f"""
SELECT d.organisation_id, string_agg(DISTINCT p.name, '、') FROM registry_duty d JOIN registry_person p ON p.id = d.person_id
WHERE d.organisation_id = ANY(%(schools)s) AND d.kind = 'principal' AND {_OPEN.format("d")} AND p.deceased_on IS NULL
GROUP BY 1
"""  # noqa: S608


def figures_of(schools: Sequence[UUID], codes: Iterable[str]) -> dict[UUID, dict[str, str]]:
    """School → figure → text, only those asked for; nobody there is 0."""
    wanted = {code for code in codes if code in FIGURES}
    numbers = {code for code in wanted if FIGURES[code].is_number}
    found: dict[UUID, dict[str, str]] = {school: dict.fromkeys(numbers, "0") for school in schools}
    if not schools or not wanted:
        return found
    _places(found, wanted)
    values = {"schools": list(schools), "day": clock.today(), "year": registry.current_school_year()}
    names = {code.partition(":")[0] for code in numbers}
    if names & set(PUPIL_CODES):
        _staged(found, numbers, PUPIL_CODES, _rows(PUPILS_SQL, values))
    if "classes" in names:
        _staged(found, numbers, ("classes",), _rows(CLASSES_SQL, values))
    if names & {"staff", "established"}:
        _plain(found, numbers, ("staff", "established"), _rows(STAFF_SQL, values))
    if "teachers" in names:
        _plain(found, numbers, ("teachers",), _rows(TEACHERS_SQL, values))
    if "principal" in wanted:
        _plain(found, wanted, ("principal",), _rows(PRINCIPALS_SQL, values))
    return found


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _places(found: dict[UUID, dict[str, str]], wanted: set[str]) -> None:
    if not wanted & {"school_name", "school_code", "school_address", "school_phone", "county_name"}:
        return
    for one in register.organisations().filter(id__in=list(found)).select_related("parent"):
        facts = {
            "school_name": one.name, "school_code": one.code or "", "school_address": one.address,
            "school_phone": one.phone, "county_name": one.parent.name if one.parent else "",
        }  # fmt: skip
        found[one.id].update({code: text for code, text in facts.items() if code in wanted})


def _staged(
    found: dict[UUID, dict[str, str]], wanted: set[str], names: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Rows: school, stage, counts. The figure without a stage is the sum of all."""
    totals: dict[tuple[UUID, str], int] = {}
    for school, stage, *counts in rows:
        for name, count in zip(names, counts, strict=True):
            totals[school, name] = totals.get((school, name), 0) + count
            if f"{name}:{stage}" in wanted:
                found[school][f"{name}:{stage}"] = str(count)
    for (school, name), count in totals.items():
        if name in wanted:
            found[school][name] = str(count)


def _plain(
    found: dict[UUID, dict[str, str]], wanted: set[str], names: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    for school, *values in rows:
        found[school].update({name: str(value) for name, value in zip(names, values, strict=True) if name in wanted})
