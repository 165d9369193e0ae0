"""Cases from start to end: who acts, what is refused, what moves the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.workflow.models import Case, CaseArchive, CaseFile, CaseLog, Task
from lingqu.foundation.workflow.selectors import cases, figures, tasks, worklist
from lingqu.foundation.workflow.services import acting, archiving, passing, starting, steering
from lingqu.foundation.workflow.tests.towns import Town, at
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def test_a_case_goes_from_desk_to_desk(town: Town) -> None:
    town.publish()
    case = town.start()
    assert case.number.startswith("BJ-") and case.number.endswith("-000001")
    assert town.todos("clerk") == town.todos("deputy") == ["transfer · school"]
    assert [line.name for line in worklist.list_open(town.actor("clerk"))] == ["school"]
    town.do(case, "clerk", fields={"size": 46})
    assert town.todos("clerk") == []
    assert town.todos("officer") == ["transfer · bureau"]
    town.do(case, "officer", fields={"ruling": "可以"})
    case.refresh_from_db()
    assert (case.state, case.decision, case.data.fields["ruling"]) == ("done", "agree", "可以")
    assert [row.act for row in CaseLog.objects.filter(case=case).order_by("id")] == [
        "started",
        "completed",
        "completed",
    ]
    assert [line.decision for line in tasks.list_done(town.actor("clerk"))] == ["agree"]
    assert not Task.objects.filter(case=case, state="open").exists()
    assert {entry.action for entry in AuditEntry.objects.filter(subject_id=str(case.id))} == {
        "workflow.case.started", "workflow.task.completed",
    }  # fmt: skip


def test_a_refusal_ends_it_and_needs_a_reason(town: Town) -> None:
    town.publish()
    case = town.start()
    with pytest.raises(Invalid, match="理由"):
        town.do(case, "clerk", decision="refuse")
    town.do(case, "clerk", decision="refuse", comment="班额已满")
    assert Case.objects.get(id=case.id).state == "done"


def test_one_of_two_wins_and_the_other_is_told_who_did_it(town: Town) -> None:
    town.publish()
    task = town.task(town.start())
    acting.complete(actor=town.actor("clerk"), task_id=task.id, decision="later")
    with pytest.raises(Conflict, match="吴静"):
        acting.complete(actor=town.actor("deputy"), task_id=task.id, decision="later")


def test_a_claimed_step_is_not_for_others(town: Town) -> None:
    town.publish()
    task = town.task(town.start())
    acting.claim(actor=town.actor("deputy"), task_id=task.id)
    assert worklist.count_tasks(town.actor("clerk"))[""] == 0
    with pytest.raises(Conflict, match="认领"):
        acting.complete(actor=town.actor("clerk"), task_id=task.id, decision="later")


def test_an_old_page_is_refused(town: Town) -> None:
    town.publish()
    case = town.start()
    seen = case.revision
    acting.comment(actor=town.actor("mother"), case_id=case.id, text="请尽快")
    with pytest.raises(Conflict, match="变化"):
        town.do(case, "clerk", revision=seen)


def test_only_granted_fields_are_seen_and_written(town: Town) -> None:
    town.publish()
    case = town.start()
    seen = cases.get_task(town.actor("clerk"), town.task(case).id)
    assert seen.case.fields == {"why": "搬家"}
    with pytest.raises(Invalid) as refused:
        town.do(case, "clerk", fields={"phone": "1"})
    assert set(refused.value.details) == {"phone"}
    assert set(cases.get_case(town.actor("mother"), case.id).fields) == {"why", "phone"}
    for who in ("stranger", "officer"):
        with pytest.raises(Forbidden):
            cases.get_case(town.actor(who), case.id)
        with pytest.raises(Forbidden):
            cases.get_task(town.actor(who), town.task(case).id)


def test_strangers_cannot_start_for_others_children(town: Town) -> None:
    town.publish()
    with pytest.raises(Forbidden):
        town.start(actor=town.actor("stranger"))
    made = town.start(actor=town.manager, starter_id=town.mother.id)
    assert (made.starter_id, made.starter_name) == (town.mother.id, "王若琳")


def test_a_correction_stops_the_clock(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")  # a Monday
    town.publish()
    case = town.start()
    assert case.due_at == datetime(2026, 11, 17, tzinfo=clock.ZONE)
    task = town.task(case)
    assert (task.due_at, task.yellow_at) == (
        datetime(2026, 11, 6, tzinfo=clock.ZONE), datetime(2026, 11, 5, tzinfo=clock.ZONE),
    )  # fmt: skip
    acting.return_back(actor=town.actor("clerk"), task_id=task.id, comment="缺户口本")
    assert Case.objects.get(id=case.id).state == "returned"
    assert town.todos("mother") == ["transfer · school"]
    at(monkeypatch, "2026-11-05T09:00")
    correction = cases.get_task(town.actor("mother"), town.task(case).id)
    assert "phone" in correction.writes or "*" in correction.writes
    acting.complete(actor=town.actor("mother"), task_id=correction.line.id, fields={"why": "搬家，附户口本"})
    case.refresh_from_db()
    assert (case.state, case.due_at) == ("running", datetime(2026, 11, 20, tzinfo=clock.ZONE))
    assert town.task(case).due_at == datetime(2026, 11, 11, tzinfo=clock.ZONE)
    assert cases.get_case(town.actor("mother"), case.id).fields["why"] == "搬家，附户口本"


def test_the_clock_knows_the_holidays_of_the_place(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-09-30T09:00")
    days = [timetable.Day(day=date(2026, 10, one), kind="holiday", name="国庆节") for one in range(1, 9)]
    timetable.set_days(actor=Actor.system("t"), organisation_id=town.root.id, days=days)
    town.publish()
    assert town.task(town.start()).due_at == datetime(2026, 10, 14, tzinfo=clock.ZONE)


def test_colours_of_the_clock(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")
    town.publish()
    case = town.start()
    seen = []
    for moment in ("2026-11-04T23:00", "2026-11-05T01:00", "2026-11-06T01:00"):
        at(monkeypatch, moment)
        seen.append(worklist.list_open(town.actor("clerk")).items[0].light)
    assert seen == ["green", "yellow", "red"]
    town.do(case, "clerk")
    figure = figures.process_figures(town.manager, str(town.county.path), datetime(2026, 11, 1, tzinfo=UTC))[0]
    assert (figure.open, figure.nodes[0].node, figure.nodes[0].average_days, figure.nodes[0].late) == (
        1,
        "school",
        4.0,
        1,
    )


def test_back_to_an_earlier_step_and_taken_back(town: Town) -> None:
    town.publish()
    case = town.start()
    first = town.task(case)
    town.do(case, "clerk")
    acting.take_back(actor=town.actor("clerk"), task_id=first.id)
    assert town.task(case).node == "school"
    assert town.todos("officer") == []
    town.do(case, "clerk")
    bureau = town.task(case)
    assert cases.get_task(town.actor("officer"), bureau.id).returns == (("school", "school"),)
    with pytest.raises(Conflict):
        acting.return_back(actor=town.actor("officer"), task_id=bureau.id, target="bureau", comment="x")
    acting.return_back(actor=town.actor("officer"), task_id=bureau.id, target="school", comment="请补班额")
    assert town.task(case).node == "school"
    town.do(case, "clerk")
    done = Task.objects.filter(case=case, node="school", state="done").latest("ended_at")
    town.do(case, "officer")
    with pytest.raises(Conflict):
        acting.take_back(actor=town.actor("clerk"), task_id=done.id)


def test_handed_on_delegated_escalated(town: Town) -> None:
    town.publish()
    case = town.start()
    task = town.task(case)
    passing.hand_on(actor=town.actor("clerk"), task_id=task.id, to=f"person:{town.deputy.number}", comment="请办")
    with pytest.raises(Forbidden):
        town.do(case, "clerk")
    assert town.todos("clerk") == []
    passing.delegate(actor=town.actor("deputy"), task_id=task.id, to=f"person:{town.clerk.id}")
    assert len(town.todos("clerk")) == 1
    with pytest.raises(Forbidden):
        passing.escalate(actor=town.actor("stranger"), task_id=task.id, to=f"post:{town.bureau.id}")
    passing.escalate(actor=town.manager, task_id=task.id, to=f"post:{town.bureau.id}")
    town.do(case, "officer")
    assert town.todos("clerk") == town.todos("deputy") == []
    for wrong in ("post:x", "person:0", "role:a@b", ""):
        with pytest.raises(Invalid):
            passing.hand_on(actor=town.manager, task_id=town.task(case).id, to=wrong)


def test_a_countersignature_comes_first(town: Town) -> None:
    town.publish()
    case = town.start()
    passing.countersign(actor=town.actor("clerk"), task_id=town.task(case).id, to=[f"person:{town.stranger.number}"])
    with pytest.raises(Conflict, match="加签"):
        acting.complete(
            actor=town.actor("clerk"), task_id=Task.objects.get(case=case, kind="step").id, decision="agree"
        )
    opinion = Task.objects.get(case=case, kind="countersign")
    acting.complete(actor=town.actor("stranger"), task_id=opinion.id, decision="refuse", comment="座位不够")
    assert cases.get_task(town.actor("clerk"), town.task(case).id).opinions[0].decision == "refuse"
    town.do(case, "clerk")
    assert town.task(case).node == "bureau"


def test_suspended_cases_stand_still(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")
    town.publish()
    case = town.start()
    steering.suspend(actor=town.manager, case_id=case.id, reason="等法院")
    with pytest.raises(Conflict, match="挂起"):
        town.do(case, "clerk")
    assert worklist.count_tasks(town.actor("clerk"))[""] == 0
    at(monkeypatch, "2026-11-09T09:00")
    steering.resume(actor=town.manager, case_id=case.id)
    case.refresh_from_db()
    assert (case.state, case.due_at) == ("running", datetime(2026, 11, 24, tzinfo=clock.ZONE))
    assert town.task(case).due_at == datetime(2026, 11, 13, tzinfo=clock.ZONE)


def test_an_applicant_withdraws_before_anybody_acted(town: Town) -> None:
    town.publish()
    case, other = town.start(), town.start()
    steering.cancel(actor=town.actor("mother"), case_id=case.id, reason="不转了")
    assert (Case.objects.get(id=case.id).state, town.todos("clerk")) == ("cancelled", ["transfer · school"])
    town.do(other, "clerk")
    with pytest.raises(Conflict):
        steering.cancel(actor=town.actor("mother"), case_id=other.id, reason="不转了")
    with pytest.raises(Forbidden):
        steering.cancel(actor=town.actor("stranger"), case_id=other.id, reason="x")


def test_files_by_content_and_the_stamped_scan(town: Town) -> None:
    drawn = town.draw()
    drawn.user("school", participants=drawn.nodes["school"].work.participants, needs_scan=True, reads=("why",))
    town.publish(drawn)
    with pytest.raises(Invalid):
        town.start(uploads=[("card", SimpleUploadedFile("a.pdf", b"MZ not a pdf"))])
    case = town.start(uploads=[("card", SimpleUploadedFile("a.pdf", PDF))])
    with pytest.raises(Invalid, match="扫描件"):
        town.do(case, "clerk")
    assert cases.get_task(town.actor("clerk"), town.task(case).id).case.files == ()
    town.do(case, "clerk", uploads=[("", SimpleUploadedFile("scan.pdf", PDF))])
    card, scan = CaseFile.objects.filter(case=case).order_by("id")
    assert cases.get_file(town.actor("mother"), card.id).name == "a.pdf"
    assert cases.get_file(town.actor("clerk"), scan.id).kind == "scan"
    for who, file in (("clerk", card), ("officer", scan), ("stranger", scan)):
        with pytest.raises(Forbidden):
            cases.get_file(town.actor(who), file.id)


def test_finished_cases_are_packed_and_still_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-03-02T09:00")
    town.publish()
    case = town.start()
    town.do(case, "clerk", decision="refuse", comment="满")
    before = cases.get_case(town.actor("mother"), case.id)
    at(monkeypatch, "2026-10-02T09:00")
    assert archiving.archive_finished() == 1
    assert (Task.objects.count(), CaseLog.objects.count(), CaseArchive.objects.count()) == (0, 0, 1)
    after = cases.get_case(town.actor("mother"), case.id)
    assert (after.log, after.tasks) == (before.log, before.tasks)
    assert cases.get_case(town.actor("clerk"), case.id).fields == {"why": "搬家"}


def test_a_step_costs_few_statements(town: Town) -> None:
    town.publish()
    case = town.start()
    task = town.task(case)
    with CaptureQueriesContext(connection) as seen:
        acting.complete(actor=town.actor("clerk"), task_id=task.id, decision="agree", fields={"size": 1})
    assert len(seen) <= 20, "\n".join(one["sql"][:140] for one in seen)


def test_lists_cost_the_same_for_many(town: Town) -> None:
    town.publish()
    for _turn in range(6):
        town.start()
    with CaptureQueriesContext(connection) as seen:
        assert len(worklist.list_open(town.actor("clerk")).items) == 6
        assert len(cases.list_own(town.actor("mother")).items) == 6
        assert len(cases.list_cases(town.manager).items) == 6
    assert len(seen) <= 17
    with pytest.raises(Forbidden):
        cases.list_cases(town.actor("clerk"))


def test_unknown_processes_and_places(town: Town) -> None:
    with pytest.raises(Exception, match="transfer"):
        town.start()
    town.publish()
    with pytest.raises(Forbidden):
        starting.start(actor=town.actor("mother"), key="transfer", organisation_id=town.pupil.id, fields={})
