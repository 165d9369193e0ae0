"""What cases do by themselves: handlers, timers, messages, called cases, panels, other versions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from lingqu.foundation.workflow import handlers as told
from lingqu.foundation.workflow.models import Call, Case, CaseLog, Subscription, Task, Timer
from lingqu.foundation.workflow.selectors import cases
from lingqu.foundation.workflow.services import acting, passing, steering, timing
from lingqu.foundation.workflow.tests.towns import Town, at
from lingqu.foundation.workflow.types import handlers
from lingqu.foundation.workflow.types.graph import Given, Multi, NodeKind, Wait
from lingqu.foundation.workflow.types.participants import Rule, RuleKind
from lingqu.kernel import clock, events
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.models import OutboxEvent

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF"


@pytest.fixture
def town(db: None) -> Town:
    return Town()


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
    assert town.todos("clerk") == []
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
    for row in OutboxEvent.objects.filter(kind="workflow.MessageThrown"):
        told.deliver_message(events.restore(row.kind, row.payload))
    assert town.task(waiting).node == "school"


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
