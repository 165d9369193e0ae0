"""Findings, scores and rules as pages show them: bounded statements, key paging."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, IntegerField, Min, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.pages import Page, page_of

from .. import register
from ..checks import CHECKS
from ..models import DayScore, Evaluation, Finding, QualityRule
from ..types import (
    TONES,
    AreaScore,
    EvaluationState,
    FindingRow,
    FindingState,
    PlaceScore,
    RuleCard,
    RuleOwner,
    SchoolScore,
    Severity,
    Subject,
)

ROWS = 30
GRAVEST_FIRST = Case(
    *(When(severity=value, then=Value(rank)) for rank, value in enumerate(Severity.values)), output_field=IntegerField()
)
DAYS = 30


def get_score(path: str) -> PlaceScore:
    """The subtree's figures of its last 30 evaluated days: one statement. A day on which only a part of its schools was
    checked again is no day of the subtree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT day, sum(checked), sum(blocks), sum(reviews), sum(hints), sum(cost), count(*) FROM quality_dayscore"
            " WHERE path >= %s::ltree AND path < %s::ltree AND day > CURRENT_DATE - 60 GROUP BY day ORDER BY day DESC LIMIT %s",
            [path, f"{path}-", DAYS],
        )
        rows = cursor.fetchall()
    if not rows:
        return PlaceScore(score=None, blocks=0, reviews=0, hints=0, checked=0, day=None, trend=())
    most = max(row[6] for row in rows)
    rows = [row for row in rows if row[6] * 2 > most]
    scored = [(row[0], _score(row[5], row[1])) for row in rows]
    day, checked, blocks, reviews, hints, _cost, _schools = rows[0]
    return PlaceScore(
        score=scored[0][1], blocks=blocks, reviews=reviews, hints=hints, checked=checked, day=day,
        trend=tuple(reversed(scored)),
    )  # fmt: skip


def _score(cost: int, checked: int) -> float:
    return round(max(0.0, 100 - 10.0 * float(cost) / max(int(checked), 1)), 1)


def list_schools(path: str, *, cursor: str = "") -> Page[Any]:
    """Schools below a place, the worst of the last evaluated day first."""
    latest = DayScore.objects.filter(path__within=path).order_by("-day").values_list("day", flat=True).first()
    rows = DayScore.objects.filter(path__within=path, day=latest or today()).select_related("school")
    page: Page[Any] = page_of(rows, order=("score", "id"), limit=ROWS, cursor=cursor)
    oldest = dict(
        Finding.objects.filter(school_id__in=[row.school_id for row in page.items], state=FindingState.OPEN)
        .values_list("school_id")
        .annotate(first=Min("since"))
    )
    return replace(page, items=tuple(
        SchoolScore(
            id=row.school_id, code=row.school.code or "", name=row.school.name, phone=row.school.phone,
            score=float(row.score), blocks=row.blocks, reviews=row.reviews, hints=row.hints,
            oldest=oldest.get(row.school_id),
        )
        for row in page.items
    ))  # fmt: skip


AREAS = """
SELECT o.code, o.name, count(*), sum(d.blocks), sum(d.reviews), sum(d.hints), sum(d.cost), sum(d.checked)
FROM registry_organisation o JOIN quality_dayscore d ON d.day = %(day)s AND d.path >= o.path
  AND d.path < (o.path::text || '-')::ltree
WHERE o.parent_id = %(place)s AND o.kind IN ('region', 'bureau') AND o.closed_on IS NULL GROUP BY o.id
"""


def list_areas(place: Any, day: Any) -> tuple[AreaScore, ...]:
    """Counties directly below a place on an evaluated day, the worst first: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(AREAS, {"day": day, "place": place.id})
        rows = cursor.fetchall()
    found = [
        AreaScore(code=code or "", name=name, schools=schools, blocks=blocks, reviews=reviews, hints=hints, score=_score(cost, checked))
        for code, name, schools, blocks, reviews, hints, cost, checked in rows
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.score, one.code)))


def find_running(path: str) -> Evaluation | None:
    """The evaluation under way that will reach a place."""
    parts = path.split(".")
    above = [".".join(parts[: n + 1]) for n in range(len(parts))]
    return Evaluation.objects.filter(path__in=above, state=EvaluationState.RUNNING).order_by("path").first()


def list_rules(path: str = "") -> tuple[RuleCard, ...]:
    """Every rule with the open findings of a subtree: two statements."""
    counts: dict[str, int] = {}
    if path:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT rule_id, count(*) FROM quality_finding WHERE state = 'open' AND path >= %s::ltree AND path < %s::ltree"
                " GROUP BY rule_id",
                [path, f"{path}-"],
            )
            counts = dict(cursor.fetchall())
    rules = [rule for rule in QualityRule.objects.order_by("code") if rule.function in CHECKS]
    order = list(Severity.values)
    cards = [as_rule(rule, counts.get(rule.code, 0)) for rule in rules]
    return tuple(sorted(cards, key=lambda card: (order.index(card.severity), -card.count, card.code)))


def as_rule(rule: QualityRule, count: int = 0) -> RuleCard:
    check = CHECKS[rule.function]
    return RuleCard(
        code=rule.code, title=str(check.title), mending=str(check.mending), severity=rule.severity,
        severity_label=str(Severity(rule.severity).label), owner_label=str(RuleOwner(rule.owner).label),
        tone=TONES[rule.severity], parameter=rule.parameter, is_active=rule.is_active, count=count,
    )  # fmt: skip


def list_findings(
    actor: Actor, school: Any, *, rule: str = "", state: str = FindingState.OPEN, cursor: str = ""
) -> Page[Any]:
    """Findings of one school, the gravest first; names only for those who may see its people. At most five statements."""
    rows = Finding.objects.filter(school=school, state=state)
    if rule:
        rows = rows.filter(rule_id=rule)
    rows = rows.annotate(rank=GRAVEST_FIRST).select_related("rule")
    page: Page[Any] = page_of(rows, order=("rank", "id"), limit=ROWS, cursor=cursor)
    names = _names(actor, school, page.items)
    return replace(page, items=tuple(_as_row(row, names, school) for row in page.items))


Names = dict[UUID, tuple[str, str]]


def _names(actor: Actor, school: Any, rows: Iterable[Finding]) -> Names:
    """subject id → (name, address where it is mended)."""
    rows = list(rows)
    found: Names = {}
    people = [row.subject_id for row in rows if row.subject_kind == Subject.PERSON]
    if people and actor.holds(registry.rights.PERSON_VIEW, str(school.path)):
        for one in register.people().filter(id__in=people).only("id", "number", "name"):
            found[one.id] = (one.name, reverse("registry:person", args=[one.number]))
    groups = [row.subject_id for row in rows if row.subject_kind == Subject.CLASS]
    if groups:
        for group in register.classes().filter(id__in=groups).only("id", "name"):
            found[group.id] = (group.name, reverse("registry:class", args=[group.id]))
    return found


def _as_row(row: Finding, names: Names, school: Any) -> FindingRow:
    check = CHECKS[row.rule.function]
    name, url = names.get(row.subject_id, ("", ""))
    if row.subject_kind == Subject.SCHOOL and school.code:
        name, url = school.name, reverse("registry:organisation", args=[school.code])
    if row.rule.function == "teacher_without_lessons" and school.code and url:
        url = reverse("registry:teaching", args=[school.code])
    return FindingRow(
        id=row.id, rule=row.rule_id, title=str(check.title), mending=str(check.mending), name=name, url=url,
        severity_label=str(Severity(row.severity).label), tone=TONES[row.severity], detail=_detail(row),
        since=row.since, state=row.state, state_label=str(FindingState(row.state).label), reason=row.reason,
        has_order=row.work_order_id is not None,
    )  # fmt: skip


def _detail(row: Finding) -> str:
    """The figure of a finding in words."""
    if not row.detail.lstrip("-").isdigit():
        return ""
    number = int(row.detail)
    told = {
        "phone_shared": _("共 %(n)d 名学生"), "double_id": _("共 %(n)d 份档案"), "class_over_norm": _("超出 %(n)d 人"),
        "age_off_grade": _("比应有年龄大 %(n)d 岁")
        if number > 0
        else _("比应有年龄小 %(n)d 岁"),
    }  # fmt: skip
    return told.get(row.rule.function, "%(n)d") % {"n": abs(number)}
