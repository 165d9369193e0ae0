"""A compiled definition as frozen values: what the engine runs. Made by ``definition`` from BPMN, stored as JSON, never
changed. Ids are those of the BPMN elements. Expressions are CEL over the form fields (see ``engine/expressions.py``)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .participants import Rule

TOP = ""
"""The scope of the process itself; every other scope is the id of an embedded sub-process."""


class NodeKind(StrEnum):
    START = "start"
    START_MESSAGE = "start_message"
    END = "end"
    TERMINATE = "terminate"
    ERROR_END = "error_end"
    USER = "user"
    MANUAL = "manual"
    """Done by hand outside; somebody confirms it: a user step without a form."""
    SERVICE = "service"
    SEND = "send"
    RECEIVE = "receive"
    RULE = "rule"
    EXCLUSIVE = "exclusive"
    PARALLEL = "parallel"
    INCLUSIVE = "inclusive"
    EVENT_GATE = "event_gate"
    CATCH_TIMER = "catch_timer"
    CATCH_MESSAGE = "catch_message"
    CATCH_SIGNAL = "catch_signal"
    THROW_NONE = "throw_none"
    """An intermediate event without a trigger: passes."""
    THROW_MESSAGE = "throw_message"
    THROW_SIGNAL = "throw_signal"
    BOUNDARY_TIMER = "boundary_timer"
    BOUNDARY_MESSAGE = "boundary_message"
    BOUNDARY_SIGNAL = "boundary_signal"
    BOUNDARY_ERROR = "boundary_error"
    SUB = "sub"
    """An embedded sub-process; nodes inside have its id as their scope."""
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A sequence flow. ``condition`` is CEL giving a bool, empty for none; ``is_default`` is taken when no other is."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long a timer waits: whole ``days`` (working days of the region's calendar when ``is_working``) and ``seconds``
    on top, or until the moment that the CEL expression ``until`` gives (ISO 8601 text of a form field). ``repeats``: how
    often a non-interrupting boundary timer fires again after the first time, -1 without end (R/P1D)."""

    days: int = 0
    seconds: int = 0
    is_working: bool = False
    until: str = ""
    repeats: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One decision that a step offers: ``agree`` 同意. The code stands in the data as ``decision`` of the step."""

    code: str
    label: str
    needs_comment: bool = False


AGREE: tuple[Outcome, ...] = (
    Outcome(code="agree", label="同意"),
    Outcome(code="refuse", label="不同意", needs_comment=True),
)
DONE: tuple[Outcome, ...] = (Outcome(code="done", label="办结"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a person does at a user or manual step.

    ``days`` 0: no limit; ``yellow`` days before the due day the task turns yellow, at the due day red. ``reads`` and
    ``writes`` are the keys of form fields that the step grants; ``"*"`` in ``reads`` stands for all.
    """

    participants: tuple[Rule, ...] = ()
    form: str = ""
    outcomes: tuple[Outcome, ...] = DONE
    days: int = 0
    is_working: bool = True
    yellow: int = 1
    reads: tuple[str, ...] = ("*",)
    writes: tuple[str, ...] = ()
    needs_scan: bool = False
    """A file has to come with the completion: the stamped scan."""
    may_return: bool = True
    may_hand_on: bool = True
    may_countersign: bool = True
    instructions: str = ""

    @property
    def decides(self) -> bool:
        """Whether there is something to choose; else the step only records that it was done."""
        return len(self.outcomes) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Multi:
    """Several instances of a node. ``collection`` is CEL giving a list, ``count`` CEL giving a number; with neither, a user
    step has one instance for each participant found. ``item`` is the name under which an instance sees its element.
    ``completion`` is CEL over ``results`` (decisions so far), ``nrOfInstances`` and ``nrOfCompletedInstances``; empty: all."""

    is_sequential: bool = False
    collection: str = ""
    count: str = ""
    item: str = "item"
    completion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One named value: ``name`` gets what the CEL expression ``value`` gives."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element. Which of the parts is set follows from ``kind``:

    user, manual: ``work`` · service, send: ``handler`` with ``inputs``, answer under ``result`` · rule: ``table``, answer
    under ``result`` · receive, message events: ``message`` with ``correlation`` (CEL giving a text, empty: the case's
    number) · signal events: ``signal`` · timers: ``wait`` · errors: ``error`` (a code; on a boundary empty: any) · boundary
    events: ``attached_to`` and ``interrupts`` · call: ``called`` (a definition key) with ``inputs`` and ``outputs``.
    """

    id: str
    kind: NodeKind
    name: str = ""
    scope: str = TOP
    work: Work | None = None
    multi: Multi | None = None
    handler: str = ""
    table: str = ""
    result: str = ""
    inputs: tuple[Given, ...] = ()
    outputs: tuple[Given, ...] = ()
    message: str = ""
    correlation: str = ""
    signal: str = ""
    error: str = ""
    wait: Wait | None = None
    attached_to: str = ""
    interrupts: bool = True
    called: str = ""


class Hit(StrEnum):
    """Hit policies of decision tables."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of a table: S-FEEL unary tests for each input (``-`` or empty: anything), a literal for each output."""

    tests: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table. ``inputs`` are CEL expressions; ``outputs`` names of the answer's fields."""

    key: str
    name: str = ""
    hit: Hit = Hit.UNIQUE
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A whole definition. ``days`` is the promise for the case as a whole (0: none), in working days of the region's
    calendar when ``is_working``; ``saved`` says how many papers an applicant need not bring because the register knows. ``audience``:
    words of ``Audience``, empty for everybody. ``recusal`` 回避: who applied or is concerned, and who guards the person
    concerned, decides no step."""

    key: str
    name: str
    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    tables: tuple[Table, ...] = ()
    days: int = 0
    is_working: bool = True
    yellow: int = 2
    form: str = ""
    saved: int = 0
    audience: tuple[str, ...] = ()
    recusal: bool = True
