"""Open steps follow the register: to the class and grade in which a pupil sits now, and away from whoever claimed them and
holds nothing of theirs any more. Told by facts, and looked over every night, because bulk loads tell of no single person.
Safe to run twice and by several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor

from .. import policies
from ..models import Task
from ..selectors import participants
from ..types.participants import RuleKind
from ..types.words import Act, TaskState
from . import desks
from .locking import lock_task
from .moving import Moving

FOLLOWING = {RuleKind.CLASS_TEACHER: "head:", RuleKind.GRADE_HEAD: "holder:grade_leader/"}
"""Rules that look for the person concerned, and how their addresses begin."""
STRAYED_SQL = """
WITH own AS (
  SELECT t.id, t.case_id, t.addresses, c.subject_id FROM workflow_task t JOIN workflow_case c ON c.id = t.case_id
  WHERE t.state = 'open' AND c.ended_at IS NULL AND c.subject_id IS NOT NULL AND {which}),
self AS (
  SELECT own.id, p.id AS person_id FROM (SELECT DISTINCT id, subject_id FROM own) own
  JOIN registry_person one ON one.id = own.subject_id
  JOIN registry_person p ON p.id = COALESCE(one.canonical_id, one.id) OR p.canonical_id = COALESCE(one.canonical_id, one.id))
SELECT own.id FROM own WHERE EXISTS (SELECT 1 FROM unnest(own.addresses) a
  WHERE (a LIKE 'head:%%' AND NOT EXISTS (SELECT 1 FROM self JOIN registry_classmembership m ON m.person_id = self.person_id
      AND m.valid_to IS NULL WHERE self.id = own.id AND 'head:' || m.class_group_id = a))
    OR (a LIKE 'holder:grade_leader/%%' AND NOT EXISTS (SELECT 1 FROM self JOIN registry_enrolment e ON e.person_id = self.person_id
      AND e.valid_to IS NULL JOIN registry_organisation o ON o.id = e.school_id
      WHERE self.id = own.id AND 'holder:grade_leader/' || e.grade || '@' || o.label = a)))
ORDER BY own.id
"""
OF_PEOPLE = "c.subject_id = ANY(%(people)s)"
OF_SCHOOL = """t.addresses && ARRAY(
  SELECT 'head:' || g.id FROM registry_classgroup g WHERE g.school_id = %(school)s UNION ALL
  SELECT 'holder:grade_leader/' || d.grade || '@' || o.label FROM registry_duty d JOIN registry_organisation o
    ON o.id = d.organisation_id WHERE d.organisation_id = %(school)s AND d.kind = 'grade_leader')"""


def follow(person_ids: Iterable[UUID]) -> int:
    """Steps about these people, and steps that they claimed. Returns how many changed hands."""
    people = sorted({one for given in person_ids for one in registry.ids_of(given)})
    claimed = Task.objects.filter(state=TaskState.OPEN, holder__in=people)
    return _lead_all(OF_PEOPLE, people=people) + _release_all(claimed)


def follow_school(school_id: UUID) -> int:
    """Steps that wait for class teachers and grade heads of a school whose classes were made anew."""
    return _lead_all(OF_SCHOOL, school=school_id)


def follow_all() -> int:
    return _lead_all("true") + _release_all(Task.objects.filter(state=TaskState.OPEN, holder__isnull=False))


def _lead_all(which: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(STRAYED_SQL.format(which=which), values)
        strayed = [row[0] for row in cursor.fetchall()]
    return sum(_lead(task_id) for task_id in strayed)


def _release_all(claimed: QuerySet[Task]) -> int:
    return sum(_release(task_id) for task_id in list(claimed.order_by("id").values_list("id", flat=True)))


@transaction.atomic
def _lead(task_id: UUID) -> bool:
    """A step goes to the class or grade where the person concerned sits now; it stays where it is while there is none."""
    case, task, *_held = lock_task(task_id)
    moving = Moving(Actor.system("workflow"), case)
    work = moving.plan.nodes[task.node].work
    rules = [rule for rule in (work.participants if work else ()) if rule.kind in FOLLOWING]
    now = moving.kept(moving.plan.nodes[task.node], participants.resolve(rules, moving.fact()))
    old = (
        [one for one in task.addresses if one.startswith(tuple(FOLLOWING[rule.kind] for rule in rules))]
        if rules
        else []
    )
    if task.state != TaskState.OPEN or case.ended_at is not None or not now or set(old) <= set(now):
        return False
    kept = [one for one in task.addresses if one not in old]
    desks.readdress(case, task, [*now, *kept])
    _note(moving, task, _("学生换了班级或年级，由现在的班主任或年级组长办理。"))
    return True


@transaction.atomic
def _release(task_id: UUID) -> bool:
    """A claim ends with what gave it: the step waits for whoever holds the address now."""
    case, task, *_held = lock_task(task_id)
    if task.state != TaskState.OPEN or task.holder_id is None or policies.is_held_by(task.holder_id, task.addresses):
        return False
    Task.objects.filter(id=task.id).update(holder=None)
    moving = Moving(Actor.system("workflow"), case)
    _note(moving, task, _("认领的人已不在这个岗位，由现在的人办理。"))
    return True


def _note(moving: Moving, task: Task, comment: str) -> None:
    moving.note(Act.HANDED_ON, node=task.node, task=task.id, name=_("系统"), person_id=None, comment=comment)
    moving.finish()
