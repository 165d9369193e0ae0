"""Cases from start to end: who acts, what is refused, what moves the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.timetable import api as timetable
from lingqu.foundation.workflow.models import Call, Case, CaseArchive, CaseFile, CaseLog, Subscription, Task, Timer
from lingqu.foundation.workflow.selectors import cases, figures, tasks
from lingqu.foundation.workflow.services import acting, archiving, passing, starting, steering, timing
from lingqu.foundation.workflow.tests.towns import Town
from lingqu.foundation.workflow.types import handlers
from lingqu.foundation.workflow.types.graph import Given, Multi, NodeKind, Wait
from lingqu.foundation.workflow.types.participants import Rule, RuleKind
from lingqu.kernel import clock, outbox
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def town(db: None) -> Town:
    return Town()


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=clock.ZONE).astimezone(UTC)
    monkeypatch.setattr(clock, "now", lambda: now)


def todos(person: Any) -> list[str]:
    from lingqu.foundation.inbox.models import Todo

    rows = Todo.objects.filter(module="workflow", address__in=inbox.keys_of(person.id), state="open")
    return list(rows.order_by("id").values_list("title", flat=True))


def test_a_case_goes_from_desk_to_desk(town: Town) -> None:
    town.publish()
    case = town.start()
    assert case.number.startswith("BJ-") and case.number.endswith("-000001")
    assert todos(town.clerk) == todos(town.deputy) == ["transfer · school"]
    assert [line.name for line in tasks.list_open(town.actor("clerk"))] == ["school"]
    town.do(case, "clerk", fields={"size": 46})
    assert todos(town.clerk) == []
    assert todos(town.officer) == ["transfer · bureau"]
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
    assert tasks.count_open(town.actor("clerk")) == 0
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
    assert todos(town.mother) == ["transfer · school"]
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
    timetable.set_days(actor=town.manager.system("t"), organisation=town.root, days=days)
    town.publish()
    assert town.task(town.start()).due_at == datetime(2026, 10, 14, tzinfo=clock.ZONE)


def test_colours_of_the_clock(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")
    town.publish()
    case = town.start()
    seen = []
    for moment in ("2026-11-04T23:00", "2026-11-05T01:00", "2026-11-06T01:00"):
        at(monkeypatch, moment)
        seen.append(tasks.list_open(town.actor("clerk")).items[0].light)
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
    assert todos(town.officer) == []
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
    assert todos(town.clerk) == []
    passing.delegate(actor=town.actor("deputy"), task_id=task.id, to=f"person:{town.clerk.id}")
    assert len(todos(town.clerk)) == 1
    with pytest.raises(Forbidden):
        passing.escalate(actor=town.actor("stranger"), task_id=task.id, to=f"post:{town.bureau.id}")
    passing.escalate(actor=town.manager, task_id=task.id, to=f"post:{town.bureau.id}")
    town.do(case, "officer")
    assert todos(town.clerk) == todos(town.deputy) == []
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
    assert tasks.count_open(town.actor("clerk")) == 0
    at(monkeypatch, "2026-11-09T09:00")
    steering.resume(actor=town.manager, case_id=case.id)
    case.refresh_from_db()
    assert (case.state, case.due_at) == ("running", datetime(2026, 11, 24, tzinfo=clock.ZONE))
    assert town.task(case).due_at == datetime(2026, 11, 13, tzinfo=clock.ZONE)


def test_an_applicant_withdraws_before_anybody_acted(town: Town) -> None:
    town.publish()
    case, other = town.start(), town.start()
    steering.cancel(actor=town.actor("mother"), case_id=case.id, reason="不转了")
    assert (Case.objects.get(id=case.id).state, todos(town.clerk)) == ("cancelled", ["transfer · school"])
    town.do(other, "clerk")
    with pytest.raises(Conflict):
        steering.cancel(actor=town.actor("mother"), case_id=other.id, reason="不转了")
    with pytest.raises(Forbidden):
        steering.cancel(actor=town.actor("stranger"), case_id=other.id, reason="x")


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """A handler that refuses while the list is empty of permission."""
    seen: list[Any] = []

    def move(_actor: Any, ask: handlers.Ask) -> dict[str, Any]:
        if "open" not in seen:
            Case.objects.filter(id=ask.case.id).update(title="half written")
            raise Conflict("学籍不能变动", code="register_refuses")
        seen.append(ask.inputs)
        return {"number": "G1"}

    def back(_actor: Any, ask: handlers.Ask) -> None:
        seen.append(("undone", ask.answer))

    monkeypatch.setitem(
        handlers.HANDLERS, "test.move", handlers.Handler(name="test.move", label="转", run=move, undo=back)
    )
    return seen


def with_handler(town: Town) -> Any:
    drawn = town.draw()
    drawn.node(
        "move", NodeKind.SERVICE, handler="test.move", result="moved", inputs=(Given(name="to", value='"7" + why'),)
    )
    drawn.flows[-1] = drawn.flows[-1].__class__(id="last", source="bureau", target="move")
    drawn.user("hand_over", participants=(Rule(kind=RuleKind.STARTER),))
    drawn.line("move", "hand_over", "end")
    return drawn


def test_a_refusal_of_the_register_compensates_visibly(town: Town, moved: list[Any]) -> None:
    town.publish(with_handler(town))
    case = town.start()
    town.do(case, "clerk")
    town.do(case, "officer")
    case.refresh_from_db()
    assert (case.state, case.reason, case.title) == ("stuck", "学籍不能变动", "transfer")
    assert [line.id for line in cases.list_stuck(town.manager)] == [case.id]
    stuck = cases.get_case(town.manager, case.id).stuck
    assert [(one.node, one.name) for one in stuck] == [("move", "move")]
    moved.append("open")
    steering.retry(actor=town.manager, case_id=case.id, token=stuck[0].token)
    case.refresh_from_db()
    assert (case.state, case.data.fields["moved"]) == ("running", {"number": "G1"})
    assert moved[1] == {"to": "7搬家"}
    steering.cancel(actor=town.manager, case_id=case.id, reason="家长放弃")
    assert moved[2] == ("undone", {"number": "G1"})
    assert Call.objects.get(case=case).undone_at is not None
    assert "undone" in CaseLog.objects.filter(case=case).values_list("act", flat=True)


def test_what_is_stuck_can_be_done_by_hand_with_evidence(town: Town, moved: list[Any]) -> None:
    town.publish(with_handler(town))
    case = town.start()
    town.do(case, "clerk")
    town.do(case, "officer")
    token = cases.get_case(town.manager, case.id).stuck[0].token
    with pytest.raises(Invalid):
        steering.pass_on(actor=town.manager, case_id=case.id, token=token, reason=" ")
    with pytest.raises(Forbidden):
        steering.pass_on(actor=town.actor("clerk"), case_id=case.id, token=token, reason="x")
    steering.pass_on(actor=town.manager, case_id=case.id, token=token, reason="已在国家系统办结，见回执")
    assert town.task(case).node == "hand_over"


def test_a_missing_post_is_told_and_the_step_given_to_somebody(town: Town) -> None:
    town.bureau.closed_on = clock.today()
    town.bureau.save()
    town.publish()
    case = town.start()
    town.do(case, "clerk")
    case.refresh_from_db()
    assert case.state == "stuck"
    token = cases.get_case(town.manager, case.id).stuck[0].token
    passing.reassign(actor=town.manager, case_id=case.id, token=token, to=f"person:{town.officer.number}")
    town.do(case, "officer")
    assert Case.objects.get(id=case.id).state == "done"


def test_timers_fire_once_and_wait_while_the_clock_stands(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")
    drawn = town.draw()
    drawn.timer("late", "school", days=2, is_working=True)
    drawn.user("leader", participants=(Rule(kind=RuleKind.STARTER),))
    drawn.line("late", "leader", "end")
    town.publish(drawn)
    case, other = town.start(), town.start()
    acting.return_back(actor=town.actor("clerk"), task_id=town.task(other).id, comment="x")
    assert timing.fire_due() == 0
    at(monkeypatch, "2026-11-05T00:30")
    assert timing.fire_due() == 1
    assert town.task(case).node == "leader"
    assert timing.fire_due() == 0
    assert todos(town.clerk) == []
    assert list(Timer.objects.values_list("case", flat=True)) == [other.id]
    acting.complete(actor=town.actor("mother"), task_id=town.task(other).id)
    assert Timer.objects.get().due_at > clock.now() + timedelta(days=1)


def test_messages_find_the_case_that_waits(town: Town) -> None:
    drawn = town.draw()
    drawn.node("reply", NodeKind.RECEIVE, message="national.reply", correlation="serial")
    drawn.flows[-1] = drawn.flows[-1].__class__(id="last", source="bureau", target="reply")
    drawn.line("reply", "end")
    town.publish(drawn)
    case = town.start(fields={"why": "x", "serial": "N-7"})
    town.do(case, "clerk")
    town.do(case, "officer")
    assert timing.correlate(name="national.reply", key="N-8") == 0
    assert timing.correlate(name="national.reply", key="N-7", fields={"answer": "ok"}) == 1
    assert timing.correlate(name="national.reply", key="N-7") == 0
    assert (Case.objects.get(id=case.id).state, Subscription.objects.count()) == ("done", 0)


def test_a_called_case_answers_its_caller(town: Town) -> None:
    town.publish()
    outer = town.draw()
    outer.key = "outer"
    outer.node(
        "call", NodeKind.CALL, called="transfer", inputs=(Given(name="why", value="why"),),
        outputs=(Given(name="size", value="size"),),
    )  # fmt: skip
    outer.flows[:] = []
    outer.line("start", "call", "bureau", "end")
    town.publish(outer)
    case = town.start(key="outer")
    inner = Case.objects.get(parent=case)
    town.do(inner, "clerk", decision="later", fields={"size": 40})
    assert (town.task(case).node, Case.objects.get(id=case.id).data.fields["size"]) == ("bureau", 40)
    second = town.start(key="outer")
    steering.cancel(actor=town.manager, case_id=second.id, reason="x")
    assert Case.objects.get(parent=second).state == "cancelled"
    third = town.start(key="outer")
    steering.cancel(actor=town.manager, case_id=Case.objects.get(parent=third).id, reason="x")
    assert Case.objects.get(id=third.id).state == "stuck"


def test_experts_are_drawn_without_the_own_school_and_kin(town: Town) -> None:
    from lingqu.foundation.registry import testing as people

    pool = people.make_organisation(town.root, "grouping", name="专家库", code="ZJK")
    members = [people.make_teacher(people.make_school(town.county), f"专家{n}") for n in range(4)]
    for person in [*members, town.clerk, town.mother]:
        person.appointments.create(
            person=person, organisation=pool, path=pool.path, name_key=person.name_key, valid_from=people.START
        )
    drawn = town.draw()
    experts = Rule(kind=RuleKind.EXPERTS, organisation="ZJK", number=3)
    drawn.user("panel", participants=(experts,), multi=Multi(completion='results.filter(r, r == "agree").size() >= 2'))
    drawn.flows[:] = []
    drawn.line("start", "panel", "bureau", "end")
    town.publish(drawn)
    case = town.start()
    drawn_keys = {address for task in Task.objects.filter(case=case) for address in task.addresses}
    assert len(drawn_keys) == 3 and drawn_keys <= {f"person:{one.id}" for one in members}
    first, second = list(Task.objects.filter(case=case).order_by("id"))[:2]
    for task in (first, second):
        person = next(one for one in members if f"person:{one.id}" in task.addresses)
        from lingqu.foundation.workflow import testing as drawing

        acting.complete(actor=drawing.acting(person), task_id=task.id, decision="agree")
    assert town.task(case).node == "bureau"
    assert Task.objects.filter(case=case, node="panel", state="withdrawn").count() == 1


def test_running_cases_finish_on_their_version_or_are_moved(town: Town) -> None:
    town.publish()
    case = town.start()
    changed = town.draw()
    changed.user("desk", participants=changed.nodes["school"].work.participants)
    del changed.nodes["school"]
    changed.flows[:] = []
    changed.line("start", "desk", "end")
    newer = town.publish(changed)
    assert Case.objects.get(id=case.id).version_id != newer.id
    with pytest.raises(Conflict, match="school"):
        steering.migrate(actor=town.manager, case_id=case.id, version_id=newer.id)
    steering.migrate(actor=town.manager, case_id=case.id, version_id=newer.id, nodes={"school": "desk"})
    assert town.task(case).node == "desk"
    town.do(case, "clerk")
    assert Case.objects.get(id=case.id).state == "done"


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


def test_a_thrown_message_reaches_another_case(town: Town) -> None:
    drawn = town.draw()
    drawn.key = "waits"
    drawn.node("wait", NodeKind.CATCH_MESSAGE, message="go", correlation='"all"')
    drawn.flows[:] = []
    drawn.line("start", "wait", "school", "end")
    town.publish(drawn)
    sender = town.draw()
    sender.key = "sends"
    sender.node("send", NodeKind.THROW_MESSAGE, message="go", correlation='"all"')
    sender.flows[:] = []
    sender.line("start", "send", "end")
    town.publish(sender)
    waiting = town.start(key="waits")
    town.start(key="sends")
    outbox.deliver_all()
    assert town.task(waiting).node == "school"


def test_a_step_costs_few_statements(town: Town) -> None:
    town.publish()
    case = town.start()
    task = town.task(case)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        acting.complete(actor=town.actor("clerk"), task_id=task.id, decision="agree", fields={"size": 1})
    assert len(seen) <= 32, "\n".join(one["sql"][:140] for one in seen)


def test_lists_cost_the_same_for_many(town: Town) -> None:
    town.publish()
    for _turn in range(6):
        town.start()
    with CaptureQueriesContext(connection) as seen:
        assert len(tasks.list_open(town.actor("clerk")).items) == 6
        assert len(cases.list_own(town.actor("mother")).items) == 6
        assert len(cases.list_cases(town.manager).items) == 6
    assert len(seen) <= 16
    with pytest.raises(Forbidden):
        cases.list_cases(town.actor("clerk"))


def test_a_wait_until_a_day_of_the_form(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "2026-11-02T09:00")
    drawn = town.draw()
    drawn.node("until", NodeKind.CATCH_TIMER, wait=Wait(until="ends_on"))
    drawn.flows[:] = []
    drawn.line("start", "until", "school", "end")
    town.publish(drawn)
    case = town.start(fields={"ends_on": "2027-02-01"})
    assert Timer.objects.get().due_at == datetime(2027, 2, 1, tzinfo=clock.ZONE)
    odd = town.start(fields={"ends_on": "soon"})
    assert (odd.state, case.state) == ("stuck", "running")


def test_unknown_processes_and_places(town: Town) -> None:
    with pytest.raises(Exception, match="transfer"):
        town.start()
    town.publish()
    with pytest.raises(Forbidden):
        starting.start(actor=town.actor("mother"), key="transfer", organisation_id=town.pupil.id, fields={})
