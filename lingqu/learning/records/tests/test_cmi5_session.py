"""What a unit may send in its session, and when units, blocks and courses count as done."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.learning.records.cmi5 import names, session, writing
from lingqu.learning.records.cmi5.structure import Block, Course, Unit

ACTOR = {"objectType": "Agent", "account": {"homePage": "https://lingqu.example", "name": "P1"}}
ONE, TWO = UUID(int=1), UUID(int=2)
T: dict[str, str] = {"zh-CN": "某"}
UNIT = Unit(id="urn:au:1", title=T, description=T, url="index.html", mastery_score=Decimal("0.8"))
FACTS = session.Facts(
    session_id=str(ONE), registration=str(TWO), activity_id="urn:mine:1", publisher_id="urn:au:1", actor=ACTOR,
    mastery_score=Decimal("0.8"), preferences_read=True,
)  # fmt: skip
OPEN = replace(FACTS, verbs=frozenset({names.INITIALIZED}))
JUDGING = (names.COMPLETED, names.PASSED, names.FAILED)


def statement(verb: str, *, defined: bool = True, **result: Any) -> dict[str, Any]:
    context = writing.context_template(UNIT, ONE)
    context["registration"] = str(TWO)
    if defined:
        kinds = [names.CMI5_CATEGORY, *([names.MOVE_ON_CATEGORY] if verb in JUDGING else [])]
        context["contextActivities"]["category"] = [{"id": kind} for kind in kinds]
    if verb == names.COMPLETED:
        result = {"completion": True, **result}
    if verb in (names.PASSED, names.FAILED):
        result = {"success": verb == names.PASSED, **result}
    if verb != names.INITIALIZED:
        result = {"duration": "PT1S", **result}
    made = {
        "id": str(UUID(int=9)), "actor": ACTOR, "verb": {"id": verb}, "object": {"id": "urn:mine:1"}, "context": context,
        "timestamp": "2026-11-29T08:00:00Z",
    }  # fmt: skip
    return made | ({"result": result} if result else {})


def scored(verb: str, scaled: float, mastery: float | None = 0.8) -> dict[str, Any]:
    made = statement(verb, score={"scaled": scaled})
    if mastery is not None:
        made["context"]["extensions"][names.MASTERY_SCORE] = mastery
    return made


def changed(made: dict[str, Any], *where: str, to: Any = None) -> dict[str, Any]:
    made = copy.deepcopy(made)
    inner = made
    for key in where[:-1]:
        inner = inner[key]
    if to is None:
        inner.pop(where[-1], None)
    else:
        inner[where[-1]] = to
    return made


def test_a_whole_session_is_taken_in_order() -> None:
    facts = FACTS
    for verb in (names.INITIALIZED, names.COMPLETED, names.PASSED, names.TERMINATED):
        facts = session.take(facts, statement(verb))
    assert (facts.completed, facts.passed, facts.is_over) == (True, True, True)
    assert session.take(OPEN, statement("urn:v:any", defined=False)) == OPEN
    assert session.take(OPEN, scored(names.PASSED, 0.8)).passed
    assert not session.take(OPEN, scored(names.FAILED, 0.79)).passed


GOOD = statement(names.PASSED)
DENIED: list[tuple[str, session.Facts, dict[str, Any]]] = [
    ("id", OPEN, changed(GOOD, "id")),
    ("timestamp", OPEN, changed(GOOD, "timestamp")),
    ("timestamp", OPEN, changed(GOOD, "timestamp", to="2026-11-29T08:00:00+08:00")),
    ("verb.id", OPEN, statement(names.VOIDED, defined=False)),
    ("actor", OPEN, changed(GOOD, "actor", "account", "name", to="P2")),
    ("actor", OPEN, changed(GOOD, "actor", "objectType", to="Group")),
    ("context.registration", OPEN, changed(GOOD, "context", "registration")),
    ("context.registration", OPEN, changed(GOOD, "context", "registration", to=str(ONE))),
    ("context.extensions", OPEN, changed(GOOD, "context", "extensions", names.SESSION_ID)),
    ("context.contextActivities.grouping", OPEN, changed(GOOD, "context", "contextActivities", "grouping")),
    ("verb.id", FACTS, statement("urn:v:any", defined=False)),
    ("verb.id", FACTS, statement(names.COMPLETED)),
    ("verb.id", replace(FACTS, preferences_read=False), statement(names.INITIALIZED)),
    ("verb.id", OPEN, statement(names.INITIALIZED)),
    ("verb.id", OPEN, statement(names.SATISFIED)),
    ("", replace(OPEN, is_over=True), statement("urn:v:any", defined=False)),
    ("object.id", OPEN, changed(GOOD, "object", "id", to="urn:au:1")),
    ("verb.id", replace(OPEN, launch_mode=names.BROWSE), GOOD),
    ("verb.id", replace(OPEN, launch_mode=names.REVIEW), statement(names.COMPLETED)),
    ("verb.id", replace(OPEN, verbs=OPEN.verbs | {names.FAILED}), GOOD),
    ("verb.id", replace(OPEN, passed=True), GOOD),
    ("verb.id", replace(OPEN, passed=True), statement(names.FAILED)),
    ("verb.id", replace(OPEN, completed=True), statement(names.COMPLETED)),
    ("result.success", OPEN, statement(names.PASSED, success=False)),
    ("result.success", OPEN, statement(names.COMPLETED, success=True)),
    ("result.completion", OPEN, statement(names.COMPLETED, completion=False)),
    ("result.completion", OPEN, statement(names.PASSED, completion=True)),
    ("result.duration", OPEN, changed(GOOD, "result", "duration")),
    ("result.duration", OPEN, changed(statement(names.TERMINATED), "result", "duration")),
    ("context.contextActivities.category", OPEN, changed(GOOD, "context", "contextActivities", "category", to=[{"id": names.CMI5_CATEGORY}])),
    ("context.contextActivities.category", OPEN, changed(statement("urn:v:any", defined=False), "context", "contextActivities", "category", to=[{"id": names.MOVE_ON_CATEGORY}])),
    ("result.score", OPEN, statement(names.COMPLETED, score={"scaled": 1})),
    ("result.score", OPEN, statement(names.PASSED, score={"raw": 3, "max": 5})),
    ("context.extensions", OPEN, scored(names.PASSED, 0.9, mastery=None)),
    ("context.extensions", OPEN, scored(names.PASSED, 0.9, mastery=0.5)),
    ("result.score.scaled", OPEN, scored(names.PASSED, 0.79)),
    ("result.score.scaled", OPEN, scored(names.FAILED, 0.8)),
]  # fmt: skip


@pytest.mark.parametrize(("path", "facts", "sent"), DENIED)
def test_what_breaks_a_rule_is_denied_at_its_place(path: str, facts: session.Facts, sent: dict[str, Any]) -> None:
    with pytest.raises(session.Cmi5Denied) as denied:
        session.take(facts, sent)
    assert denied.value.path == (f"$.{path}" if path else "")


@given(st.lists(st.sampled_from([*names.UNIT_VERBS, "urn:v:any"]), max_size=8))
def test_no_order_of_verbs_breaks_the_rules_of_a_registration(verbs: list[str]) -> None:
    facts, taken = FACTS, []
    for verb in verbs:
        try:
            facts = session.take(facts, statement(verb, defined=verb != "urn:v:any"))
            taken.append(verb)
        except session.Cmi5Denied:
            continue
    assert taken[:1] in ([], [names.INITIALIZED])
    assert names.TERMINATED not in taken[:-1]
    defined = [verb for verb in taken if verb != "urn:v:any"]
    assert len(defined) == len(set(defined))
    assert not {names.PASSED, names.FAILED} <= set(taken)


@pytest.mark.parametrize(
    ("move_on", "met"),
    [
        ("NotApplicable", "ncpb"), ("Completed", "cb"), ("Passed", "pb"), ("CompletedAndPassed", "b"),
        ("CompletedOrPassed", "cpb"),
    ],
)  # fmt: skip
def test_criteria_are_met_by_what_they_name(move_on: str, met: str) -> None:
    cases = {"n": (False, False), "c": (True, False), "p": (False, True), "b": (True, True)}
    for case, (completed, passed) in cases.items():
        assert session.is_met(move_on, completed=completed, passed=passed, waived=False) is (case in met)
        assert session.is_met(move_on, completed=completed, passed=passed, waived=True)


def test_blocks_are_done_from_inside_and_once() -> None:
    units = [Unit(id=f"urn:au:{n}", title=T, description=T, url="x") for n in range(3)]
    inner = Block(id="urn:b:inner", title=T, description=T, children=(units[0],))
    outer = Block(id="urn:b:outer", title=T, description=T, children=(inner, units[1]))
    course = Course(id="urn:b:outer", title=T, description=T, children=(outer, units[2]))

    def fresh(done: set[str], known: set[str]) -> list[str]:
        return [writing.key_of(part) for part in writing.newly_satisfied(course, done, known)]

    assert fresh({"urn:au:1"}, set()) == []
    assert fresh({"urn:au:0", "urn:au:1"}, {"urn:b:inner"}) == ["urn:b:outer"]
    everything = {unit.id for unit in units}
    assert fresh(everything, set()) == ["urn:b:inner", "urn:b:outer", "course:urn:b:outer"]
    assert fresh(everything, {"urn:b:inner", "urn:b:outer", "course:urn:b:outer"}) == []


def test_the_launch_keeps_the_query_of_the_unit_and_encodes_every_value() -> None:
    made = writing.launch_url(
        "https://c.example/i.html?paramA=1&b=%E4%B8%80", endpoint="https://x.example/xapi/", fetch="https://x.example/f?a=b&c",
        actor=ACTOR, registration=ONE, activity_id="https://x.example/a#1",
    )  # fmt: skip
    assert made.startswith("https://c.example/i.html?paramA=1&b=%E4%B8%80&endpoint=https%3A%2F%2Fx.example%2Fxapi%2F&")
    assert "fetch=https%3A%2F%2Fx.example%2Ff%3Fa%3Db%26c" in made
    setting = writing.Setting(actor=ACTOR, registration=ONE, session_id=TWO)
    now = datetime(2026, 11, 29, tzinfo=UTC)
    sent = writing.abandoned(setting, UNIT, "urn:mine:1", lasted=timedelta(seconds=61.5), now=now)
    assert (sent["result"], sent["timestamp"]) == ({"duration": "PT61.50S"}, "2026-11-29T00:00:00Z")
