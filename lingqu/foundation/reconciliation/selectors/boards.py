"""The figures of a place: which run, tiles, equation, history. Each is one or two statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, Sum

from lingqu.kernel.actor import Actor

from .. import policies
from ..models import Case, Run, Tally
from ..types import rights
from ..types.words import Bucket, CaseState, RunState

TODO_SECONDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """One bucket at a place."""

    entries: int = 0
    people: int = 0
    listed: int = 0
    cases: int = 0
    causes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """``sums`` by bucket; ``entries`` and ``people`` are the two sides of the equation."""

    run: Run
    sums: dict[str, Sums]
    entries: int
    people: int
    listed: int

    def terms(self, side: str) -> tuple[tuple[str, int], ...]:
        """Buckets with what they add to a side, agreed first; buckets that add nothing are left out."""
        found = ((bucket, getattr(self.sums[bucket], side)) for bucket in Bucket.values)
        return tuple((bucket, number) for bucket, number in found if number or bucket == Bucket.AGREED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """``newest`` finished comparison that speaks of a place, whether one is ``busy``, and the ``history`` of that place."""

    newest: Run | None = None
    busy: Run | None = None
    history: tuple[Run, ...] = ()


MOST_RUNS = 30
HISTORY = 6


def find_runs(path: str) -> Runs:
    """Runs of the place itself or above it, else of places below it: one statement, or two."""
    parts = path.split(".")
    above = [".".join(parts[: n + 1]) for n in range(len(parts))]
    rows = Run.objects.select_related("file").order_by("-as_of", "-created_at")
    found = list(rows.filter(path__in=above)[:MOST_RUNS]) or list(rows.filter(path__within=path)[:MOST_RUNS])
    done = [run for run in found if run.compared_at is not None]
    newest = done[0] if done else None
    return Runs(
        newest=newest, busy=next((run for run in found if run.state != RunState.DONE), None),
        history=tuple(run for run in done if newest and str(run.path) == str(newest.path))[:HISTORY],
    )  # fmt: skip


def get_board(*, actor: Actor, path: str, run: Run) -> Board:
    """Figures of a run at a place."""
    policies.require_view(actor, path)
    rows = (
        Tally.objects.filter(run=run, path__within=path)
        .values("bucket", "cause")
        .annotate(entries=Sum("entries"), people=Sum("people"), listed=Sum("listed"), cases=Sum("cases"))
    )
    sums = {bucket: Sums() for bucket in Bucket.values}
    for row in rows:
        old = sums[row["bucket"]]
        sums[row["bucket"]] = Sums(
            entries=old.entries + row["entries"], people=old.people + row["people"], listed=old.listed + row["listed"],
            cases=old.cases + row["cases"], causes={**old.causes, row["cause"]: row["cases"]},
        )  # fmt: skip
    return Board(
        run=run, sums=sums, entries=sum(one.entries for one in sums.values()),
        people=sum(one.people for one in sums.values()), listed=sum(one.listed for one in sums.values()),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """``by`` progress of what was asked for (all, todo, done, late, closed), and open cases by cause of the whole bucket."""

    by: dict[str, int]
    causes: dict[str, int]


def count_states(*, actor: Actor, path: str, bucket: str, cause: str = "", today: Any) -> States:
    """Cases of a bucket by progress, the closed ones apart, and by cause; one statement."""
    policies.require_view(actor, path)
    rows = Case.objects.filter(path__within=path)
    if bucket:
        rows = rows.filter(bucket=bucket)
    open_ones = ~Q(state=CaseState.CLOSED)
    found = rows.values("cause").annotate(
        all=Count("id", filter=open_ones), todo=Count("id", filter=Q(state=CaseState.TODO)),
        done=Count("id", filter=Q(state=CaseState.DONE)),
        late=Count("id", filter=Q(state=CaseState.TODO, due_on__lt=today)),
        closed=Count("id", filter=Q(state=CaseState.CLOSED)),
    )  # fmt: skip
    by = dict.fromkeys(("all", "todo", "done", "late", "closed"), 0)
    causes: dict[str, int] = {}
    rows_by_cause: list[dict[str, Any]] = [dict(row) for row in found]
    for row in rows_by_cause:
        causes[row["cause"]] = row["all"]
        for name in by:
            by[name] += row[name] if cause in ("", row["cause"]) else 0
    return States(by=by, causes={name: n for name, n in causes.items() if n})


def count_todo(actor: Actor) -> int:
    """For the rail of every page: what waits at the places of the actor, told anew after ``TODO_SECONDS``."""
    paths = actor.paths(rights.WORK)
    key = f"reconciliation.todo:{','.join(paths)}"
    found: int | None = cache.get(key) if paths else 0
    if found is None:
        found = sum(Case.objects.filter(owner_path__within=path, state=CaseState.TODO).count() for path in paths)
        cache.set(key, found, TODO_SECONDS)
    return found
