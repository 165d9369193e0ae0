"""What the engine does at each kind of node."""

from __future__ import annotations

import pytest

from lingqu.foundation.workflow.engine import state as told
from lingqu.foundation.workflow.engine.step import Endless
from lingqu.foundation.workflow.testing import Drawing
from lingqu.foundation.workflow.tests.walking import Walk
from lingqu.foundation.workflow.types.graph import Given, Hit, Multi, NodeKind, Row, Table, Wait


def votes(completion: str, *, is_sequential: bool = False) -> Walk:
    drawing = Drawing()
    drawing.user("review", multi=Multi(completion=completion, is_sequential=is_sequential))
    drawing.user("after")
    drawing.line("start", "review", "after", "end")
    walk = Walk(drawing.graph())
    (token,) = [number for number, kind, _node in walk.open if kind == "survey"]
    walk.closed(token, "survey")
    walk.tell(told.Resolved(token, ("a", "b", "c", "d")))
    return walk


def vote(walk: Walk, decision: str) -> None:
    walk.tell(told.Done(min(key[0] for key in walk.open if key[1] == "task"), decision))


@pytest.mark.parametrize("is_sequential", [False, True])
def test_two_of_four_yes_is_enough(is_sequential: bool) -> None:
    walk = votes('results.filter(r, r == "agree").size() >= 2', is_sequential=is_sequential)
    assert sum(key[1] == "task" for key in walk.open) == (1 if is_sequential else 4)
    vote(walk, "agree")
    vote(walk, "refuse")
    assert "after" not in walk.tasks()
    vote(walk, "agree")
    assert walk.tasks().keys() == {"after"}
    assert walk.state.votes["review"] == ("agree", "refuse", "agree")
    assert walk.state.decisions["review"] == "agree"


def test_without_a_completion_rule_everybody_is_asked_and_a_tie_is_a_refusal() -> None:
    walk = votes("")
    for decision in ("agree", "agree", "refuse"):
        vote(walk, decision)
        assert walk.tasks().keys() == {"review"}
    vote(walk, "refuse")
    assert walk.state.decisions["review"] == "refuse"


def test_a_share_of_instances_can_be_asked_for() -> None:
    walk = votes("nrOfCompletedInstances / nrOfInstances >= 0.5")
    vote(walk, "agree")
    vote(walk, "agree")
    assert walk.tasks().keys() == {"after"}


def test_an_unreadable_rule_keeps_the_votes_and_is_told() -> None:
    walk = votes("missing > 1")
    vote(walk, "agree")
    (stuck,) = [one for key, one in walk.open.items() if key[1] == "stuck"]
    assert "missing" in stuck.reason
    walk.data["missing"] = 2
    walk.closed(stuck.token, "stuck")
    walk.tell(told.Retry(stuck.token))
    assert walk.tasks().keys() == {"after"}


def gates(kind: NodeKind) -> Drawing:
    drawing = Drawing()
    drawing.node("split", kind)
    drawing.node("join", kind)
    for branch in "abc":
        drawing.user(branch)
    drawing.flow("start", "split")
    for branch in "abc":
        drawing.flow("split", branch, "" if kind == NodeKind.PARALLEL else f"{branch}_on")
        drawing.flow(branch, "join")
    drawing.user("after")
    drawing.line("join", "after", "end")
    return drawing


def test_a_parallel_join_waits_for_all() -> None:
    walk = Walk(gates(NodeKind.PARALLEL).graph())
    for branch in "abc":
        assert "after" not in walk.tasks()
        walk.complete(branch)
    assert walk.tasks().keys() == {"after"}


def test_an_inclusive_join_waits_for_those_that_were_begun() -> None:
    walk = Walk(gates(NodeKind.INCLUSIVE).graph(), {"a_on": True, "b_on": False, "c_on": True})
    assert walk.tasks().keys() == {"a", "c"}
    walk.complete("a")
    assert walk.tasks().keys() == {"c"}
    walk.complete("c")
    assert walk.tasks().keys() == {"after"}


def test_no_way_on_holds_the_case_until_somebody_decides() -> None:
    drawing = gates(NodeKind.EXCLUSIVE)
    walk = Walk(drawing.graph(), {"a_on": False, "b_on": False, "c_on": False})
    (token,) = walk.state.tokens
    assert token.mark == told.Mark.HELD
    walk.tell(told.Pass(token.number, next(flow.id for flow in drawing.flows if flow.target == "b")))
    assert walk.tasks().keys() == {"b"}


def test_a_boundary_timer_ends_the_step_or_only_reminds() -> None:
    drawing = Drawing()
    drawing.user("a")
    drawing.timer("late", "a")
    drawing.timer("remind", "a", interrupts=False, days=1, repeats=2)
    drawing.user("note")
    drawing.user("other")
    drawing.line("start", "a", "end")
    drawing.line("late", "other", "end")
    drawing.line("remind", "note", "end")
    walk = Walk(drawing.graph())
    walk.fire("remind")
    assert walk.tasks().keys() == {"a", "note"}
    walk.fire("remind")
    walk.fire("remind")
    assert not [key for key in walk.open if key[2] == "remind"]
    walk.fire("late")
    assert walk.tasks().keys() == {"note", "other"}


def test_an_event_gateway_takes_what_comes_first() -> None:
    drawing = Drawing()
    drawing.node("gate", NodeKind.EVENT_GATE)
    drawing.node("word", NodeKind.CATCH_MESSAGE, message="reply", correlation="number")
    drawing.node("later", NodeKind.CATCH_TIMER, wait=Wait(days=3))
    drawing.user("a")
    drawing.user("b")
    drawing.line("start", "gate", "word", "a", "end")
    drawing.line("gate", "later", "b", "end")
    walk = Walk(drawing.graph(), {"number": "2026-1"})
    assert next(one.key for key, one in walk.open.items() if key[1] == "subscription") == "2026-1"
    walk.fire("word")
    assert walk.tasks().keys() == {"a"}
    assert not [key for key in walk.open if key[1] == "timer"]


def test_an_error_finds_the_nearest_boundary_around() -> None:
    drawing = Drawing()
    drawing.node("sub", NodeKind.SUB)
    drawing.node("s0", NodeKind.START, scope="sub")
    drawing.node("work", NodeKind.SERVICE, scope="sub", handler="register.move")
    drawing.node("s1", NodeKind.END, scope="sub")
    drawing.node("caught", NodeKind.BOUNDARY_ERROR, attached_to="sub", error="full")
    drawing.user("a")
    drawing.line("start", "sub", "end")
    drawing.line("s0", "work", "s1")
    drawing.line("caught", "a", "end")
    walk = Walk(drawing.graph())
    (call,) = [key[0] for key in walk.open if key[1] == "call"]
    walk.tell(told.Failed(call, "other", "the register is away"))
    assert [key[1] for key in walk.open if key[0] == call and key[1] == "stuck"] == ["stuck"]
    walk.tell(told.Failed(call, "full"))
    assert walk.tasks().keys() == {"a"}


def test_a_retry_calls_the_handler_again_and_done_goes_on() -> None:
    drawing = Drawing()
    drawing.node("work", NodeKind.SERVICE, handler="x", inputs=(Given(name="n", value="n + 1"),))
    drawing.line("start", "work", "end")
    walk = Walk(drawing.graph(), {"n": 1})
    (key, call) = next(iter(walk.open.items()))
    assert call.inputs == {"n": 2.0}
    walk.tell(told.Failed(key[0], "no"))
    assert any(isinstance(effect, told.CallHandler) for effect in walk.tell(told.Retry(key[0])))
    walk.tell(told.Done(key[0]))
    assert walk.ended == told.Ended()


def test_a_terminate_end_takes_everything_with_it() -> None:
    drawing = Drawing()
    drawing.node("split", NodeKind.PARALLEL)
    drawing.user("a")
    drawing.user("b")
    drawing.node("stop", NodeKind.TERMINATE)
    drawing.line("start", "split", "a", "stop")
    drawing.line("split", "b", "end")
    walk = Walk(drawing.graph())
    walk.complete("a")
    assert walk.ended == told.Ended()


def test_a_rule_decides_the_way() -> None:
    drawing = Drawing()
    rows = (Row(tests=("[1..3]",), answers=('"teacher"',)), Row(tests=("> 3",), answers=('"grade"',)))
    drawing.tables.append(Table(key="who", hit=Hit.UNIQUE, inputs=("days",), outputs=("level",), rows=rows))
    drawing.node("rule", NodeKind.RULE, table="who", result="level")
    drawing.node("gate", NodeKind.EXCLUSIVE)
    drawing.user("teacher")
    drawing.user("grade")
    drawing.line("start", "rule", "gate")
    for level in ("teacher", "grade"):
        drawing.flow("gate", level, f'level == "{level}"')
        drawing.flow(level, "end")
    assert Walk(drawing.graph(), {"days": 3}).tasks().keys() == {"teacher"}
    assert Walk(drawing.graph(), {"days": 4}).tasks().keys() == {"grade"}
    held = Walk(drawing.graph(), {"days": 0})
    assert held.state.tokens[0].mark == told.Mark.HELD


def test_a_return_goes_back_in_its_own_branch_only() -> None:
    drawing = Drawing()
    for one in ("first", "a1", "a2", "b1", "last"):
        drawing.user(one)
    drawing.node("split", NodeKind.PARALLEL)
    drawing.node("join", NodeKind.PARALLEL)
    drawing.line("start", "first", "split", "a1", "a2", "join", "last", "end")
    drawing.line("split", "b1", "join")
    walk = Walk(drawing.graph())
    walk.complete("first")
    walk.complete("a1")
    assert set(walk.plan.returns("a2")) == {"first", "a1"}
    assert set(walk.plan.returns("last")) == {"first"}
    walk.tell(told.Return(walk.tasks()["a2"], "a1"))
    assert walk.tasks().keys() == {"a1", "b1"}
    walk.complete("b1")
    walk.complete("a1")
    walk.tell(told.Return(walk.tasks()["a2"], "first"))
    assert walk.tasks().keys() == {"first"}
    with pytest.raises(told.NotHere):
        walk.tell(told.Return(walk.tasks()["first"], "last"))


def test_a_correction_keeps_the_step_and_its_timers() -> None:
    drawing = Drawing()
    drawing.user("a")
    drawing.timer("late", "a")
    drawing.line("start", "a", "end")
    drawing.line("late", "end")
    walk = Walk(drawing.graph())
    token = walk.tasks()["a"]
    walk.tell(told.Return(token))
    assert {key[1] for key in walk.open} == {"correction", "timer"}
    walk.closed(token, "correction")
    walk.tell(told.Corrected(token))
    walk.complete("a")
    assert walk.ended == told.Ended()


def test_a_sub_process_once_for_each_element() -> None:
    drawing = Drawing()
    drawing.node("sub", NodeKind.SUB, multi=Multi(collection="children", item="child"))
    drawing.node("s0", NodeKind.START, scope="sub")
    drawing.user("look", scope="sub")
    drawing.node("gate", NodeKind.EXCLUSIVE, scope="sub")
    drawing.user("more", scope="sub")
    drawing.node("s1", NodeKind.END, scope="sub")
    drawing.line("start", "sub", "end")
    drawing.line("s0", "look", "gate")
    drawing.flow("gate", "more", 'child == "b"')
    drawing.flow("gate", "s1", is_default=True)
    drawing.line("more", "s1")
    walk = Walk(drawing.graph(), {"children": ["a", "b"]})
    for token in sorted(key[0] for key in walk.open):
        walk.tell(told.Done(token, "agree"))
    assert walk.tasks().keys() == {"more"}
    walk.complete("more")
    assert walk.ended == told.Ended()


def test_a_circle_without_a_step_is_refused() -> None:
    drawing = Drawing()
    drawing.node("a", NodeKind.EXCLUSIVE)
    drawing.node("b", NodeKind.EXCLUSIVE)
    drawing.line("start", "a", "b", "a")
    with pytest.raises(Endless):
        Walk(drawing.graph())
