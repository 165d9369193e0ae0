"""回避: who applied, whom a case is about, and who guards that person decide no step of it. A step that would reach only
them goes to somebody above."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.ids import as_uuid
from lingqu.kernel.statements import Asked, Batch, rows_of

from .. import register
from ..models import Case, Task
from ..types.graph import Graph, Node
from ..types.handlers import CaseFact
from ..types.participants import Place, Rule, RuleKind
from ..types.words import TaskKind
from . import participants
from .plans import plan_of

NEAR_SQL = """
WITH concerned AS (
  SELECT COALESCE(p.canonical_id, p.id) AS id FROM {concerned}),
close AS (
  SELECT id FROM concerned UNION
  SELECT COALESCE(o.canonical_id, o.id) FROM concerned c
  JOIN registry_person child ON child.id = c.id OR child.canonical_id = c.id
  JOIN registry_guardianship g ON g.child_id = child.id AND g.valid_to IS NULL
  JOIN registry_person o ON o.id = g.guardian_id)
SELECT close.id, close.id = (SELECT COALESCE(me.canonical_id, me.id) FROM registry_person me WHERE me.id = %s),
  EXISTS (SELECT 1 FROM registry_person x JOIN registry_appointment a ON a.person_id = x.id AND a.valid_to IS NULL
    WHERE x.id = close.id OR x.canonical_id = close.id),
  ARRAY(SELECT 'post:' || h.post_id FROM registry_person x JOIN registry_postholder h ON h.person_id = x.id AND h.valid_to IS NULL
    WHERE x.id = close.id OR x.canonical_id = close.id)
FROM close
"""
NEAR_PEOPLE_SQL = NEAR_SQL.format(concerned="registry_person p WHERE p.id = ANY(%s::uuid[])")
NEAR_TASK_SQL = NEAR_SQL.format(
    concerned="""workflow_task t JOIN workflow_case c ON c.id = t.case_id
  JOIN registry_person p ON p.id IN (c.starter_id, c.subject_id) WHERE t.id = %s"""
)
OFFICES = (
    (RuleKind.DUTY, "bureau_leader"), (RuleKind.POST, "bureau_office"), (RuleKind.DUTY, "county_officer"),
)  # fmt: skip


class Recused(Forbidden):
    """The actor applied, is concerned, or guards the person concerned."""

    code = "recused"


def applies(graph: Graph, node: Node) -> bool:
    """Steps that decide something, unless the definition gives the step to the applicant or does without recusal."""
    work = node.work
    return (
        graph.recusal and work is not None and work.decides
        and all(rule.kind != RuleKind.STARTER for rule in work.participants)
    )  # fmt: skip


class Near(NamedTuple):
    """Who applied, whom the case is about, and who guards one of them."""

    has_actor: bool
    at_work: Mapping[UUID, Collection[str]]
    """Those who work somewhere (of nearly every family nobody), with the posts they hold."""


def ask_near(batch: Batch, task_id: UUID, person_id: UUID) -> Asked:
    """For ``near_of``, when the batch was sent."""
    return batch.ask(NEAR_TASK_SQL, [task_id, person_id])


def near_of(asked: Asked) -> Near:
    return Near(any(row[1] for row in asked.rows), {row[0]: row[3] for row in asked.rows if row[2]})


def _near(concerned: Iterable[UUID | None], person_id: UUID | None = None) -> Near:
    asked = Asked()
    ids = [one for one in concerned if one is not None]
    if ids:
        asked.rows = rows_of(NEAR_PEOPLE_SQL, [ids, person_id])
    return near_of(asked)


def bars(actor: Actor, case: Case, task: Task, near: Near | None = None) -> bool:
    """Whether the actor may not decide this step because the case is the actor's own, or that of a child. ``near``: where it
    is known."""
    if actor.is_system or actor.person_id is None or task.kind == TaskKind.CORRECTION:
        return False
    plan = plan_of(case.version_id)
    node = plan.nodes.get(task.node)
    if node is None or not applies(plan.graph, node):
        return False
    return is_close(actor, case) if near is None else near.has_actor


def is_close(actor: Actor, case: Case) -> bool:
    """The applicant, the person concerned, or who guards one of them; one statement."""
    return actor.person_id is not None and _near((case.starter_id, case.subject_id), actor.person_id).has_actor


def require_decider(actor: Actor, case: Case, task: Task, near: Near | None = None) -> None:
    if bars(actor, case, task, near):
        raise Recused(_("这是您本人或孩子的件，按回避规定不能由您办理，已经在其他办理人的待办里。"))


def may_manage(actor: Actor, case: Case) -> bool:
    """Nobody steers an own case from the console either."""
    return actor.is_system or not plan_of(case.version_id).graph.recusal or not is_close(actor, case)


def require_manager(actor: Actor, case: Case) -> None:
    if not may_manage(actor, case):
        raise Recused(_("这是您本人或孩子的件，按回避规定不能由您处理，请联系上一级。"))


def kept(
    addresses: tuple[str, ...], rules: Iterable[Rule], case: CaseFact, near: Near | None = None
) -> tuple[str, ...]:
    """The addresses behind which somebody else stands; without any, the first one above. Empty when there is nobody."""
    close = (near or _near((case.starter_id, case.subject_id))).at_work
    if not close:
        return addresses
    free = _free(addresses, close)
    if free:
        return free
    for rule in _above(rules):
        found = participants.resolve([rule], case)
        if free := _free(found, close):
            return free
    return ()


def _above(rules: Iterable[Rule]) -> Iterable[Rule]:
    """Who stands above a step, the nearest first."""
    known = list(rules)
    heights = {rule.place for rule in known}
    if any(rule.kind == RuleKind.CLASS_TEACHER for rule in known):
        yield Rule(kind=RuleKind.GRADE_HEAD)
    if not heights & {Place.COUNTY, Place.CITY}:
        yield Rule(kind=RuleKind.DUTY, code="principal", place=Place.SCHOOL)
    for place in (Place.COUNTY, Place.CITY):
        for kind, code in OFFICES:
            yield Rule(kind=kind, code=code, place=place)


def _free(addresses: Collection[str], close: Mapping[UUID, Collection[str]]) -> tuple[str, ...]:
    theirs = {f"person:{one}" for one in close}.union(*close.values())
    if not all(one.startswith(("post:", "person:")) for one in addresses):
        theirs = theirs.union(*(inbox.keys_of(one) for one in close))
    return tuple(one for one in addresses if one not in theirs or _has_others(one, close))


def _has_others(address: str, close: Collection[UUID]) -> bool:
    """Whether somebody else stands behind an address that is also a concerned person's: the B 角 of a post, a second
    holder of a duty."""
    kind, _colon, rest = address.partition(":")
    others = register.people().filter(deceased_on=None).exclude(Q(id__in=close) | Q(canonical_id__in=close))
    if kind == "post":
        return bool(others.filter(held_posts__post=as_uuid(rest), held_posts__valid_to=None).exists())
    if kind == "head":
        found = others.filter(
            duties__kind="head_teacher", duties__class_group=as_uuid(rest), duties__valid_to=None
        )  # fmt: skip
    elif kind == "holder":
        name, _at, label = rest.partition("@")
        code, _slash, grade = name.partition("/")
        narrowed = {"duties__grade": grade} if grade else {}
        found = others.filter(
            duties__kind=code, duties__organisation__label=label, duties__valid_to=None, **narrowed
        )  # fmt: skip
    else:
        return kind == "role"
    return bool(found.exists())
