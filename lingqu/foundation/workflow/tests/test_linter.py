"""What keeps a definition from running, one rule a line."""

import pytest

from lingqu.foundation.workflow.definition import document as documents
from lingqu.foundation.workflow.definition.compiler import compiled
from lingqu.foundation.workflow.definition.known import Known
from lingqu.foundation.workflow.definition.linter import lint
from lingqu.foundation.workflow.types.graph import NodeKind, Wait
from lingqu.foundation.workflow.types.participants import Place, RuleKind

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:lq="urn:lingqu:workflow:1" '
    'targetNamespace="t" id="D">{outside}<process id="P" name="请假" isExecutable="true" lq:days="5">{inside}</process>'
    "</definitions>"
)
START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
FORM = (
    '<extensionElements><lq:formSchema key="f">{"components": [{"type": "number", "key": "days"}]}</lq:formSchema>'
    "</extensionElements>"
)
WHO = '<extensionElements><lq:participant kind="post" place="school" code="leader"/></extensionElements>'


def _flows(*pairs: str) -> str:
    return "".join(
        f'<sequenceFlow id="f_{pair.replace(" ", "_")}" sourceRef="{pair.split()[0]}" targetRef="{pair.split()[1]}"/>'
        for pair in pairs
    )


def _document(inside: str, outside: str = "") -> documents.Document:
    return documents.read(HEAD.format(inside=inside, outside=outside).encode())


def _codes(inside: str, outside: str = "", known: Known | None = None) -> set[str]:
    return {one.code for one in lint(_document(inside, outside), known)}


def _around(node: str, name: str = "n") -> str:
    return START + node + END + _flows(f"s {name}", f"{name} e")


USER = '<userTask id="n" name="审批">' + WHO + "</userTask>"


def test_a_whole_definition_is_clean_and_compiles():
    inside = _around(
        '<userTask id="n" name="审批" lq:days="3" lq:writes="days" lq:scan="true"><extensionElements>'
        '<lq:participant kind="post" place="county" code="registrar" label="县学籍"/>'
        '<lq:outcome code="agree" label="同意"/><lq:outcome code="refuse" label="驳回" comment="true"/>'
        "</extensionElements></userTask>"
    )
    graph = compiled(_document(FORM + inside))
    assert (graph.key, graph.name, graph.days) == ("P", "请假", 5)
    (node,) = (one for one in graph.nodes if one.kind is NodeKind.USER)
    work = node.work
    assert (work.days, work.writes, work.needs_scan) == (3, ("days",), True)
    assert [one.code for one in work.outcomes] == ["agree", "refuse"] and work.outcomes[1].needs_comment
    (rule,) = work.participants
    assert (rule.kind, rule.place, rule.code) == (RuleKind.POST, Place.COUNTY, "registrar")
    assert not lint(_document(FORM + inside))


TIMED = (
    START
    + USER
    + '<boundaryEvent id="b" attachedToRef="n" cancelActivity="false"><timerEventDefinition lq:calendar="work">'
    "<timeDuration>{text}</timeDuration></timerEventDefinition></boundaryEvent>" + END + _flows("s n", "n e", "b e")
)


@pytest.mark.parametrize(
    ("text", "wait"),
    [
        ("P3D", Wait(days=3, is_working=True)), ("P1W", Wait(days=7, is_working=True)),
        ("PT5M", Wait(seconds=300, is_working=True)), ("P1DT12H", Wait(days=1, seconds=43200, is_working=True)),
        ("P1Y", None), ("3 days", None), ("P", None), ("PT", None),
    ],
)  # fmt: skip
def test_durations(text, wait):
    document = _document(TIMED.format(text=text))
    assert {one.code for one in lint(document)} == ({"bad_duration"} if wait is None else set())
    if wait:
        (node,) = (one for one in compiled(document).nodes if one.kind is NodeKind.BOUNDARY_TIMER)
        assert (node.wait, node.attached_to, node.interrupts) == (wait, "n", False)


GATE = START + FORM + '<exclusiveGateway id="g" default="f_g_e"/>' + USER + END + _flows("s g", "g e", "n e")


@pytest.mark.parametrize(
    ("condition", "codes"),
    [
        ("days &gt;= 3.0", set()), ("", {"no_condition"}), ("dayz &gt; 1.0", {"bad_condition"}),
        ("天数 &gt; 1", {"bad_condition"}), ("=days", {"bad_condition"}), ("${days}", {"bad_condition"}),
        ("results.exists(r, r == 'agree')", set()),
        ("results.exists(r, results.exists(q, q == r))", {"bad_condition"}),
        ("days &gt; " + "1" * 2000, {"bad_condition"}),
    ],
)  # fmt: skip
def test_conditions(condition, codes):
    body = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    flow = f'<sequenceFlow id="c" name="三天以上" sourceRef="g" targetRef="n">{body}</sequenceFlow>'
    found = lint(_document(GATE + flow))
    assert {one.code for one in found} == codes
    assert all("“三天以上”（c）" in one.sentence for one in found)


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("", "no_start"),
        (_around('<scriptTask id="n" name="算"/>'), "script"),
        (_around('<userTask id="n"/>'), "no_participant"),
        (_around('<userTask id="n"><extensionElements><lq:participant kind="king"/></extensionElements></userTask>'), "bad_work"),
        (_around('<userTask id="n" lq:days="many">' + WHO + "</userTask>"), "bad_work"),
        (FORM + _around('<userTask id="n" lq:writes="hours">' + WHO + "</userTask>"), "unknown_field"),
        (_around('<serviceTask id="n"/>'), "no_handler"),
        (_around('<businessRuleTask id="n" lq:table="t"/>'), "unknown_table"),
        (_around('<callActivity id="n"/>'), "no_called"),
        (_around('<receiveTask id="n"/>'), "no_message"),
        (_around('<complexGateway id="n"/>'), "unsupported"),
        (_around('<adHocSubProcess id="n"/>'), "unsupported"),
        (_around('<transaction id="n"/>'), "unsupported"),
        (_around('<task id="n"><standardLoopCharacteristics/></task>'), "unsupported"),
        (_around('<serviceTask id="n" lq:handler="h"><multiInstanceLoopCharacteristics/></serviceTask>'), "no_collection"),
        (_around('<intermediateCatchEvent id="n"><linkEventDefinition name="a"/></intermediateCatchEvent>'), "unsupported"),
        (_around('<intermediateCatchEvent id="n"><timerEventDefinition/></intermediateCatchEvent>'), "no_duration"),
        (_around('<subProcess id="n"/>'), "no_start"),
        (_around('<task id="n"/><task id="m"/>'), "unreachable"),
        (START + '<task id="n"/><task id="m"/>' + END + _flows("s n", "n m", "m n"), "endless"),
        (_around('<task id="n"/>') + '<sequenceFlow id="x" sourceRef="n" targetRef="nowhere"/>', "stray_flow"),
        (_around('<task id="n"/><startEvent id="s2"/>') + _flows("s2 e"), "two_starts"),
        (_around('<task id="n"/><task id="n"/>'), "same_id"),
    ],
)  # fmt: skip
def test_faults_are_named(inside, code):
    assert code in _codes(inside)


def test_a_join_behind_a_choice_waits_for_ever():
    split = '<{0} id="g"{1}/><task id="a"/><task id="b"/><parallelGateway id="j"/>'
    flows = _flows("s g", "g a", "a j", "b j", "j e") + (
        '<sequenceFlow id="d" sourceRef="g" targetRef="b"><conditionExpression>true</conditionExpression></sequenceFlow>'
    )
    dead = START + split.format("exclusiveGateway", ' default="f_g_a"') + END + flows
    (found,) = lint(_document(dead))
    assert (found.code, found.element_id) == ("dead_join", "j")
    assert not _codes(START + split.format("parallelGateway", "") + END + flows)
    joined = dead.replace('<parallelGateway id="j"/>', '<inclusiveGateway id="j"/>')
    assert not _codes(joined)


def test_names_outside_the_file_are_checked_when_they_are_known():
    inside = _around('<serviceTask id="n" lq:handler="register.move"/>')
    assert not _codes(inside)
    assert _codes(inside, known=Known(handlers=frozenset({"other"}))) == {"unknown_handler"}
    assert not _codes(inside, known=Known(handlers=frozenset({"register.move"})))


def test_a_throwing_end_is_a_throw_and_an_end():
    outside = '<message id="m" name="transfer.done"/>'
    end = '<endEvent id="x"><messageEventDefinition messageRef="m"/></endEvent>'
    document = _document(START + end + _flows("s x"), outside)
    assert not lint(document)
    graph = compiled(document)
    assert [(one.id, one.kind) for one in graph.nodes] == [
        ("s", NodeKind.START), ("x", NodeKind.THROW_MESSAGE), ("x__end", NodeKind.END)
    ]  # fmt: skip
    assert ("x", "x__end") in [(flow.source, flow.target) for flow in graph.flows]
