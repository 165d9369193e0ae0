"""The simple designer's model: it becomes a clean BPMN file, is found again in it, and runs."""

from dataclasses import replace

import pytest

from lingqu.foundation.workflow.definition import document as documents
from lingqu.foundation.workflow.definition.compiler import compiled
from lingqu.foundation.workflow.definition.design import (
    Condition,
    Design,
    DesignStep,
    Paper,
    Sign,
    Together,
    faults_of,
    merged,
)
from lingqu.foundation.workflow.definition.drawing import design_of, drawn_of, written_with
from lingqu.foundation.workflow.definition.linter import lint
from lingqu.foundation.workflow.forms import schema
from lingqu.foundation.workflow.tests.walking import Walk
from lingqu.foundation.workflow.types.participants import Place, Rule, RuleKind

FORM = schema.read({
    "id": "leave",
    "components": [
        {"type": "number", "key": "days", "label": "天数", "validate": {"required": True}, "decimalDigits": 1},
        {"type": "select", "key": "kind", "label": "假别", "values": [{"value": "sick", "label": "病假"}, {"value": "other", "label": "其他"}]},
        {"type": "checkbox", "key": "abroad", "label": "出境"},
    ],
})  # fmt: skip
PRINCIPAL = Rule(kind=RuleKind.DUTY, place=Place.SCHOOL, code="principal")
HEAD = Rule(kind=RuleKind.CLASS_TEACHER)
LEAVE = Design(
    key="leave", name="学生请假", form=FORM, days=3, saved=2, paper=Paper(title="请假审批表", seals=("step2",)),
    steps=(
        DesignStep(id="step1", name="班主任", who=(HEAD,), days=1, writes=("kind",)),
        DesignStep(id="step2", name="德育处", who=(PRINCIPAL,), only_if=(Condition(key="days", sign=Sign.AT_LEAST, value="3"),)),
        DesignStep(id="step3", name="登记", who=(PRINCIPAL,), decides=False, hides=("kind",), needs_scan=True),
    ),
)  # fmt: skip


def test_a_design_is_clean_drawn_and_found_again():
    document = documents.read(drawn_of(LEAVE).write())
    assert not lint(document)
    assert document.has_diagram()
    assert design_of(document) == LEAVE
    graph = compiled(document)
    assert (graph.key, graph.name, graph.days, graph.saved, graph.form) == ("leave", "学生请假", 3, 2, "leave")
    work = {node.id: node.work for node in graph.nodes if node.work}
    assert work["step3"].needs_scan and work["step3"].reads == ("days", "abroad")
    assert [one.code for one in work["step1"].outcomes] == ["agree", "refuse"]


def test_a_file_that_somebody_changed_has_no_design():
    document = drawn_of(LEAVE)
    document.root.find(f".//{documents.tag('userTask')}").set("name", "别的")
    assert design_of(document) is None
    assert design_of(documents.read(drawn_of(LEAVE).write())) == LEAVE


def test_a_copy_has_its_own_key_and_no_stale_design():
    copy = written_with(drawn_of(LEAVE), key="leave2", name="请假（区）")
    assert compiled(copy).key == "leave2"
    assert not lint(copy)


@pytest.mark.parametrize(
    ("days", "decisions", "ended"),
    [
        (2.0, [("step1", "agree"), ("step3", "done")], True),
        (3.0, [("step1", "agree"), ("step2", "agree"), ("step3", "done")], True),
        (3.0, [("step1", "agree"), ("step2", "refuse")], True),
        (1.0, [("step1", "refuse")], True),
        (3.0, [("step1", "agree")], False),
    ],
)
def test_it_runs(days, decisions, ended):
    walk = Walk(compiled(drawn_of(LEAVE)), {"days": days, "kind": None, "abroad": False})
    for node, decision in decisions:
        assert set(walk.tasks()) == {node}
        walk.complete(node, decision)
    assert (walk.ended is not None) == ended
    assert not ended or walk.ended.error == ("refused" if decisions[-1][1] == "refuse" else "")


@pytest.mark.parametrize(
    ("together", "votes", "result"),
    [
        (Together.ALL, ["agree", "agree", "agree"], "done"),
        (Together.ALL, ["agree", "refuse"], "refused"),
        (Together.MAJORITY, ["agree", "agree"], "done"),
        (Together.MAJORITY, ["refuse", "agree", "agree"], "done"),
        (Together.MAJORITY, ["refuse", "refuse"], "refused"),
    ],
)
def test_several_decide_together(together, votes, result):
    from lingqu.foundation.workflow.engine import state as told

    step = DesignStep(id="step1", name="评审", who=(PRINCIPAL,), together=together)
    last = DesignStep(id="step2", name="登记", who=(PRINCIPAL,), decides=False)
    walk = Walk(compiled(drawn_of(replace(LEAVE, steps=(step, last)))), {"days": 1.0, "kind": None, "abroad": False})
    (token,) = (key[0] for key in walk.open if key[1] == "survey")
    walk.tell(told.Resolved(token, ("a", "b", "c")))
    for vote in votes:
        walk.complete("step1", vote)
    assert (walk.ended is None) == (result == "done")
    assert set(walk.tasks()) == ({"step2"} if result == "done" else set())


@pytest.mark.parametrize(
    ("key", "sign", "value", "given", "holds"),
    [
        ("days", Sign.MORE, "2.5", 3.0, True), ("days", Sign.MORE, "2.5", None, False), ("kind", Sign.IS, "sick", "sick", True),
        ("kind", Sign.IS_NOT, "sick", "other", True), ("kind", Sign.IS, 'a"b', "sick", False), ("abroad", Sign.IS, "是", True, True),
        ("abroad", Sign.IS, "是", None, False),
    ],
)  # fmt: skip
def test_conditions_of_steps(key, sign, value, given, holds):
    only_if = (Condition(key=key, sign=sign, value=value),)
    step = DesignStep(id="step1", name="审批", who=(PRINCIPAL,), only_if=only_if)
    data = {"days": 1.0, "kind": None, "abroad": False, key: given}
    walk = Walk(compiled(drawn_of(replace(LEAVE, steps=(step,)))), data)
    assert (walk.ended is None) == holds


def test_faults_are_told_in_the_designers_words():
    wrong = Design(
        key="X", name="", steps=(
            DesignStep(id="step1", name="审批", only_if=(Condition(key="no"),), writes=("no",)),
            DesignStep(id="step2", name="再审", who=(HEAD,), only_if=(Condition(key="days", value="很多"),)),
        ), form=FORM,
    )  # fmt: skip
    found = list(faults_of(wrong))
    assert [step for step, _sentence in found] == ["", "", "step1", "step1", "step1", "step2"]
    assert not list(faults_of(LEAVE))


def test_a_step_of_the_platform_asks_nobody():
    register = DesignStep(id="step4", name="登记学籍", handler="test.move", result="moved")
    design = replace(LEAVE, steps=(LEAVE.steps[0], register))
    assert not list(faults_of(design))
    document = drawn_of(design)
    assert design_of(document) == design
    (node,) = (one for one in compiled(document).nodes if one.id == "step4")
    assert (node.kind, node.handler, node.result) == ("service", "test.move", "moved")


def test_an_extension_follows_its_base():
    more = schema.read({"id": "leave", "components": [{"type": "textfield", "key": "bus", "label": "校车"}]})
    own = Design(
        key="leave_x", name="请假（本校）", base="leave", form=more,
        steps=(replace(LEAVE.steps[0], days=2), DesignStep(id="own1", name="宿管", who=(HEAD,), after="step1")),
    )  # fmt: skip
    whole = merged(LEAVE, own)
    assert [(one.id, one.days) for one in whole.steps] == [("step1", 2), ("own1", 0), ("step2", 0), ("step3", 0)]
    assert [one.key for one in whole.form.fields] == ["days", "kind", "abroad", "bus"]
    assert (whole.days, whole.base, whole.paper.title) == (3, "leave", "请假审批表")
    assert not lint(drawn_of(whole))
