"""Conditions and decision tables."""

from __future__ import annotations

import pytest

from lingqu.foundation.workflow.engine.expressions import Unanswerable, Unreadable, answer, compiled, faults_of, holds
from lingqu.foundation.workflow.engine.tables import decide, table_faults, unary
from lingqu.foundation.workflow.types.graph import Hit, Row, Table


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("days + 1", 4.0), ("days * 2 >= 6", True), ("names[1]", "b"), ('"7" + names[0]', "7a"), ('kind in ["x", "y"]', True),
        ("names.filter(n, n == kind).size() == 0", True), ('m["学校"]', 1.0),
    ],
)  # fmt: skip
def test_whole_numbers_are_doubles_except_as_an_index(text: str, value: object) -> None:
    context = {"days": 3, "names": ["a", "b"], "kind": "x", "m": {"学校": 1}}
    assert answer(text, context) == value


def test_what_is_missing_is_not_false() -> None:
    for text in ("gone > 1", "m.gone == 1", "days", 'days + "x" == "y"'):
        with pytest.raises(Unanswerable):
            holds(text, {"days": 1, "m": {}})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a >", "Failed"), ("b > 1", "unknown name b"), ("spawn(a)", "unknown function spawn"),
        ("x" * 3000, "longer"), ("a.all(x, a.all(y, x == y))", "list inside a list"), ("(" * 400, "Failed"),
    ],
)  # fmt: skip
def test_faults_are_told_before_publishing(text: str, fault: str) -> None:
    assert any(fault in found for found in faults_of(text, ["a"]))


def test_names_bound_by_a_macro_are_not_asked_for() -> None:
    assert faults_of("a.exists(x, x > 1)", ["a"]) == []


@pytest.mark.parametrize(
    ("cell", "inside", "outside"),
    [
        ("< 6", 5, 6), ("[6..8]", 8, 9), ("(6..8)", 7, 6), ("]6..8[", 7, 8), ("not([6..8])", 5, 7), ("1, 3, [5..6]", 3, 4),
        ('"甲,乙", "丙"', "甲,乙", "乙"), ("not(1, 2)", 3, 2), ("!= 4", 5, 4), ("= 4", 4, 5), ("true", True, False),
    ],
)  # fmt: skip
def test_unary_tests(cell: str, inside: object, outside: object) -> None:
    assert holds(unary(cell), {"cell": inside})
    assert not holds(unary(cell), {"cell": outside})


def table(hit: Hit) -> Table:
    rows = (
        Row(tests=("> 1", "-"), answers=("1", '"a"')), Row(tests=("> 2", ""), answers=("2", '"b"')),
        Row(tests=("> 9", "true"), answers=("3", '"c"')),
    )  # fmt: skip
    return Table(key="t", hit=hit, inputs=("n", "is_on"), outputs=("x", "y"), rows=rows)


def test_hit_policies() -> None:
    context = {"n": 3, "is_on": True}
    assert decide(table(Hit.FIRST), context) == {"x": 1.0, "y": "a"}
    both = [{"x": 1.0, "y": "a"}, {"x": 2.0, "y": "b"}]
    assert decide(table(Hit.COLLECT), context) == both
    assert decide(table(Hit.RULE_ORDER), context) == both
    for hit in (Hit.UNIQUE, Hit.ANY):
        with pytest.raises(Unanswerable):
            decide(table(hit), context)
        assert decide(table(hit), {"n": 2, "is_on": True}) == {"x": 1.0, "y": "a"}
        assert decide(table(hit), {"n": 0, "is_on": True}) is None


def test_faults_of_a_table_name_the_row() -> None:
    broken = Table(
        key="t", inputs=("n",), outputs=("x",),
        rows=(Row(tests=("{x}",), answers=("1",)), Row(tests=("1", "2"), answers=("nobody",))),
    )  # fmt: skip
    assert [fault.split(":")[0] for fault in table_faults(broken, ["n"])] == ["1", "2", "2"]


def test_limits_hold_when_a_definition_is_old() -> None:
    with pytest.raises(Unreadable):
        compiled("a" * 2001)
    with pytest.raises(Unanswerable):
        answer("a.size()", {"a": list(range(1001))})
