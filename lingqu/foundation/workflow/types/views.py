"""What pages and other modules see of cases and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from .graph import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """A step in a list."""

    id: UUID
    case_id: UUID
    number: str
    title: str
    name: str
    kind: str
    starter: str
    opened_at: datetime
    due_at: datetime | None
    light: str
    is_claimed: bool
    decision: str = ""
    ended_at: datetime | None = None
    node: str = ""
    actor: str = ""
    is_recused: bool = False
    """The reader's own case, which somebody else has to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list. ``at``: where it stands, names of its open steps."""

    id: UUID
    number: str
    title: str
    process: str
    starter: str
    state: str
    reason: str
    light: str
    started_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    at: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    id: UUID
    name: str
    kind: str
    size: int
    field: str
    node: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """What happened. ``comment`` is empty where the reader may not read it."""

    at: datetime
    act: str
    node: str
    name: str
    decision: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckToken:
    """Something a case is stuck at. ``ways``: (flow id, name) over which it can be passed on."""

    token: int
    node: str
    name: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case as one reader sees it: only fields, files and comments that he may see."""

    line: CaseLine
    key: str
    version_id: UUID
    organisation_id: UUID
    path: str
    subject_id: UUID | None
    revision: int
    fields: Mapping[str, Any]
    sees_all: bool
    files: tuple[FileLine, ...]
    tasks: tuple[TaskLine, ...]
    log: tuple[LogLine, ...]
    decisions: Mapping[str, str]
    stuck: tuple[StuckToken, ...]
    may_manage: bool
    may_cancel: bool
    may_see_progress: bool
    may_comment: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One step for whoever may do it. ``returns``: (node, name) of steps it can go back to."""

    line: TaskLine
    case: CaseView
    form: str
    node: str
    outcomes: tuple[Outcome, ...]
    reads: frozenset[str]
    writes: frozenset[str]
    needs_scan: bool
    returns: tuple[tuple[str, str], ...]
    may_return: bool
    may_hand_on: bool
    may_countersign: bool
    opinions: tuple[TaskLine, ...]
    instructions: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    """One step over many cases, in working days."""

    node: str
    name: str
    done: int
    average_days: float
    late: int
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFigures:
    """One process over a time: ended cases, those on time, average working days, papers not brought, and its steps, the
    slowest first."""

    key: str
    name: str
    started: int
    ended: int
    on_time: int
    open: int
    overdue: int
    average_days: float
    papers_saved: int
    nodes: tuple[NodeFigures, ...]

    @property
    def on_time_share(self) -> float | None:
        return self.on_time / self.ended if self.ended else None
