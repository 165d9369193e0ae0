"""What the pages of 学年升级 read: totals, schools, classes, pupils. Every list pages by key."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, page_of

from .. import policies
from ..models import PlannedClass, PupilDecision, Rollover, RolloverRun, SchoolPlan
from ..types.words import PlanState, RunState

SUMS = ("up", "stage", "central", "graduate", "new", "stay", "undecided", "heads_missing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over the schools of a place. ``moves`` counts changes: who graduates and enters elsewhere counts twice.
    ``unlisted``: schools whose new pupils had not come when the plan was made."""

    up: int
    stage: int
    central: int
    graduate: int
    new: int
    stay: int
    undecided: int
    heads_missing: int
    schools: int
    states: dict[str, int]
    entering: dict[str, int] = field(default_factory=dict)
    unlisted: int = 0
    computed_at: Any = None
    applied_at: Any = None

    @property
    def parts(self) -> tuple[int, ...]:
        return (self.up, self.stage + self.central, self.graduate, self.new, self.stay)

    @property
    def moves(self) -> int:
        return sum(self.parts)

    def as_dict(self) -> dict[str, Any]:
        made = asdict(self)
        del made["computed_at"], made["applied_at"]
        return {**made, "moves": self.moves}


def _within(rollover: Rollover, path: str) -> QuerySet[SchoolPlan]:
    return SchoolPlan.objects.filter(rollover=rollover, path__within=path).exclude(state=PlanState.EMPTY)


def totals(*, actor: Actor, rollover: Rollover, path: str) -> Totals:
    """Two statements, however many schools."""
    policies.require_view(actor, path)
    rows = _within(rollover, path)
    states = dict(rows.values_list("state").annotate(n=Count("id")))
    sums = rows.aggregate(
        **{name: Sum(name) for name in SUMS}, computed=Max("computed_at"), applied=Max("applied_at"),
        unlisted=Count("id", filter=~Q(missing=[])),
    )  # fmt: skip
    entering: dict[str, int] = {}
    for one in rows.filter(new__gt=0).values_list("entering", flat=True):
        for grade, number in one.items():
            entering[grade] = entering.get(grade, 0) + number
    return Totals(
        **{name: sums[name] or 0 for name in SUMS}, schools=sum(states.values()), states=states, entering=entering,
        unlisted=sums["unlisted"], computed_at=sums["computed"], applied_at=sums["applied"],
    )  # fmt: skip


def list_plans(
    *, actor: Actor, rollover: Rollover, path: str, state: str = "", q: str = "", cursor: str = "", limit: int = 8
) -> Page[SchoolPlan]:
    """Schools of a place, in the order of the tree."""
    policies.require_view(actor, path)
    rows = _within(rollover, path).select_related("school")
    if state:
        rows = rows.filter(state=state)
    if q:
        rows = rows.filter(Q(school__name__contains=q) | Q(school__code=q))
    return page_of(rows, order=("name_key", "id"), limit=limit, cursor=cursor)


def get_plan(*, actor: Actor, rollover: Rollover, code: str) -> SchoolPlan:
    """The plan of a school by its code. Unknown and out of reach look the same."""
    found = (
        SchoolPlan.objects.select_related("school", "rollover").filter(rollover=rollover, school__code=code).first()
        if code
        else None
    )
    if found is None or not policies.may_view(actor, str(found.path)):
        raise Forbidden()
    return found


def list_classes(plan: SchoolPlan) -> tuple[PlannedClass, ...]:
    return tuple(PlannedClass.objects.filter(plan=plan).select_related("head").order_by("position"))


def count_kinds(*, actor: Actor, rollover: Rollover, path: str) -> dict[str, int]:
    """Pupils whom a rule does not cover, by kind; those decided are left out."""
    policies.require_view(actor, path)
    rows = PupilDecision.objects.filter(plan__rollover=rollover, plan__path__within=path)
    open_rows = rows.filter(grade_after="").values_list("kind").annotate(n=Count("id"))
    return {**dict(open_rows), "decided": rows.exclude(grade_after="").count()}


def list_pupils(
    *, actor: Actor, rollover: Rollover, path: str, kind: str, cursor: str = "", limit: int = 50
) -> Page[PupilDecision]:
    """Pupils of one kind; ``decided`` are those about whom somebody decided."""
    policies.require_view(actor, path)
    rows = PupilDecision.objects.filter(plan__rollover=rollover, plan__path__within=path, person__deceased_on=None)
    rows = rows.exclude(grade_after="") if kind == "decided" else rows.filter(kind=kind, grade_after="")
    rows = rows.select_related("plan__school", "person", "class_group", "class_after")
    return page_of(rows, order=("id",), limit=limit, cursor=cursor)


def latest_run(rollover: Rollover, path: str) -> RolloverRun | None:
    """The newest run at this place, above or below it."""
    for run in rollover.runs.order_by("-created_at")[:20]:
        here = str(run.path)
        if here == path or here.startswith(f"{path}.") or path.startswith(f"{here}."):
            return run
    return None


def is_busy(rollover: Rollover) -> bool:
    return rollover.runs.filter(state__in=(RunState.WAITING, RunState.RUNNING)).exists()
