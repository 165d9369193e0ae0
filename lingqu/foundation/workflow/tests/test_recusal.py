"""回避 and audiences: nobody decides an own case, and a process is offered to those for whom it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import testing as people
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case, CaseLog, Task
from lingqu.foundation.workflow.selectors import cases, doors, worklist
from lingqu.foundation.workflow.selectors.recusal import Recused
from lingqu.foundation.workflow.services import acting, passing, starting, steering
from lingqu.foundation.workflow.tests.towns import OFFICE, Town
from lingqu.foundation.workflow.types import rights
from lingqu.foundation.workflow.types.graph import AGREE, DONE
from lingqu.foundation.workflow.types.participants import Place, Rule, RuleKind
from lingqu.foundation.workflow.types.words import Audience
from lingqu.kernel.errors import Forbidden

pytestmark = pytest.mark.django_db
PRINCIPAL = Rule(kind=RuleKind.DUTY, place=Place.SCHOOL, code="principal")
HEAD = Rule(kind=RuleKind.CLASS_TEACHER)
SELF = Rule(kind=RuleKind.STARTER)


@pytest.fixture
def town() -> Town:
    made = Town()
    made.principal = people.make_teacher(made.school, "秦朗")
    accounts.give_duty(made.principal, "principal", made.school)
    return made


def publish(town: Town, *rules: Rule, outcomes: Any = AGREE, **more: Any) -> None:
    drawn = drawing.Drawing("own")
    drawn.user("step", participants=rules, outcomes=outcomes)
    drawn.line("start", "step", "end")
    drawing.make_version(town.root, drawn.graph(**more))


def start(town: Town, who: str, subject: Any = None) -> Case:
    return starting.start(
        actor=town.actor(who), key="own", organisation_id=town.school.id, fields={"why": "x"},
        subject_id=subject.id if subject is not None else None,
    )  # fmt: skip


def open_task() -> Task:
    return Task.objects.get(state="open")


def test_a_principal_does_not_decide_the_own_leave_and_the_county_does(town: Town) -> None:
    publish(town, PRINCIPAL)
    start(town, "principal")
    task = open_task()
    assert task.addresses == [f"post:{town.bureau.id}"]
    assert CaseLog.objects.get(act="recused").data["to"] == task.addresses
    with pytest.raises(Forbidden):
        acting.complete(actor=town.actor("principal"), task_id=task.id, decision="agree")
    acting.complete(actor=town.actor("officer"), task_id=task.id, decision="agree")
    assert Case.objects.get().state == "done"


def test_the_other_holder_of_a_post_decides_and_the_applicant_is_told(town: Town) -> None:
    publish(town, OFFICE)
    case = start(town, "clerk")
    task = open_task()
    assert task.addresses == [f"post:{town.office.id}"]
    clerk = town.actor("clerk")
    for act in (
        lambda: acting.complete(actor=clerk, task_id=task.id, decision="agree"),
        lambda: acting.return_back(actor=clerk, task_id=task.id, comment="x"),
        lambda: acting.claim(actor=clerk, task_id=task.id),
        lambda: passing.hand_on(actor=clerk, task_id=task.id, to=f"post:{town.bureau.id}"),
        lambda: cases.get_task(clerk, task.id),
    ):
        with pytest.raises(Recused, match="回避"):
            act()
    (line,) = worklist.list_tasks(clerk, worklist.Wanted()).items
    assert line.is_recused
    assert not next(iter(worklist.list_tasks(town.actor("deputy"), worklist.Wanted()).items)).is_recused
    acting.complete(actor=town.actor("deputy"), task_id=task.id, decision="agree")
    case.refresh_from_db()
    assert case.state == "done"


def test_a_class_teacher_does_not_decide_about_the_own_child(town: Town) -> None:
    teacher = people.make_teacher(town.school, "周老师")
    people.make_head(town.group, teacher)
    father = people.Guardianship.objects.get(child=town.pupil)
    father.pk, father.guardian, father.is_primary = None, teacher, False
    father.save()
    publish(town, HEAD)
    start(town, "mother", town.pupil)
    task = open_task()
    assert f"head:{town.group.id}" not in task.addresses
    assert task.addresses == [f"holder:principal@{town.school.label}"]
    other = people.make_pupil(town.group, "林一")
    Task.objects.all().delete()
    town.other = people.make_guardian(other, "林母")
    start(town, "other", other)
    assert town.principal.id and f"holder:principal@{town.school.label}" not in open_task().addresses


def test_what_only_records_and_what_is_the_applicants_own_step_stays(town: Town) -> None:
    publish(town, PRINCIPAL, outcomes=DONE)
    start(town, "principal")
    acting.complete(actor=town.actor("principal"), task_id=open_task().id)
    publish(town, SELF)
    start(town, "principal")
    acting.complete(actor=town.actor("principal"), task_id=open_task().id, decision="agree")
    publish(town, PRINCIPAL, recusal=False)
    start(town, "principal")
    acting.complete(actor=town.actor("principal"), task_id=open_task().id, decision="agree")
    assert set(Case.objects.values_list("state", flat=True)) == {"done"}


def test_a_manager_does_not_steer_the_own_case(town: Town) -> None:
    publish(town, PRINCIPAL)
    case = starting.start(actor=town.actor("officer"), key="own", organisation_id=town.school.id, fields={})
    manager = drawing.acting(town.officer, *rights.ALL, at=str(town.county.path))
    task = open_task()
    for act in (
        lambda: steering.suspend(actor=manager, case_id=case.id, reason="x"),
        lambda: passing.escalate(actor=manager, task_id=task.id, to=f"person:{town.officer.number}"),
    ):
        with pytest.raises(Recused):
            act()
    assert not cases.get_case(manager, case.id).may_manage


AUDIENCES: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "staff": ((Audience.STAFF,), {"clerk", "deputy"}), "office": ((Audience.OFFICE,), {"clerk", "deputy"}),
    "family": ((Audience.FAMILY,), {"mother"}), "pupil": ((Audience.PUPIL,), {"pupil"}),
    "everybody": ((), {"clerk", "deputy", "mother", "pupil"}), "counter": ((Audience.COUNTER,), set()),
    "home": ((Audience.FAMILY, Audience.PUPIL), {"mother", "pupil"}),
}  # fmt: skip


@pytest.mark.parametrize("name", AUDIENCES)
def test_a_process_is_offered_to_and_started_by_its_audience_only(town: Town, name: str) -> None:
    audience, may = AUDIENCES[name]
    publish(town, PRINCIPAL, audience=tuple(map(str, audience)))
    for who in ("clerk", "deputy", "mother", "pupil"):
        actor = town.actor(who)
        offered = [
            row.key for one in doors.offers_of(actor, doors.doors_of(actor)) for row in one.versions if row.key == "own"
        ]
        assert bool(offered) == (who in may), who
        subject = town.pupil if who == "mother" else None
        if who in may:
            start(town, who, subject)
        else:
            with pytest.raises(Forbidden):
                start(town, who, subject)


def test_a_counter_serves_whom_the_process_is_for(town: Town) -> None:
    publish(town, PRINCIPAL, audience=("family",))
    clerk = drawing.acting(town.clerk, rights.CASE_COUNTER, at=str(town.school.path))
    assert [[row.key for row in rows] for _place, rows in doors.counters_of(clerk, doors.doors_of(clerk))] == [["own"]]
    at_counter = {"actor": clerk, "key": "own", "organisation_id": town.school.id, "fields": {}}
    with pytest.raises(Forbidden, match="家长"):
        starting.start(**at_counter, starter_id=town.deputy.id, subject_id=town.pupil.id)
    starting.start(**at_counter, starter_id=town.mother.id, subject_id=town.pupil.id)
    assert Case.objects.get().starter_id == town.mother.id


def test_a_clerk_decides_what_the_clerk_took_in_at_the_counter(town: Town) -> None:
    publish(town, replace(OFFICE, label="校办"), audience=("counter",))
    clerk = drawing.acting(town.clerk, rights.CASE_COUNTER, at=str(town.school.path))
    starting.start(
        actor=clerk,
        key="own",
        organisation_id=town.school.id,
        fields={},
        starter_id=town.mother.id,
        subject_id=town.pupil.id,
    )
    acting.complete(actor=town.actor("clerk"), task_id=open_task().id, decision="agree")
    assert Case.objects.get().state == "done"
