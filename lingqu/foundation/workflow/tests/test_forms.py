"""Forms: read, written again, and checked so that a post either fits or says what is wrong."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lingqu.foundation.workflow.forms.answers import clean, hidden_of
from lingqu.foundation.workflow.forms.schema import FieldType, read, write
from lingqu.kernel.errors import Invalid

LEAVE = {
    "schemaVersion": 19, "type": "default", "id": "leave",
    "components": [
        {"type": "select", "key": "kind", "label": "假别", "validate": {"required": True},
         "values": [{"value": "sick", "label": "病假"}, {"value": "private", "label": "事假"}]},
        {"type": "number", "key": "days", "label": "天数", "validate": {"required": True, "min": 0.5, "max": 30}, "decimalDigits": 1},
        {"type": "textarea", "key": "reason", "label": "事由", "validate": {"required": True, "maxLength": 200}},
        {"type": "filepicker", "key": "proof", "label": "诊断证明", "conditional": {"hide": '= not(kind = "sick" and days >= 3)'}},
        {"type": "group", "label": "联系", "components": [
            {"type": "textfield", "key": "phone", "label": "电话", "validate": {"validationType": "phone"}},
            {"type": "datetime", "key": "from", "label": "起", "subtype": "date"},
            {"type": "checklist", "key": "lessons", "label": "节次", "values": [{"value": str(n), "label": f"第{n}节"} for n in range(1, 4)]},
            {"type": "checkbox", "key": "agreed", "label": "已读", "validate": {"required": True}},
        ]},
    ],
}  # fmt: skip
GOOD = {"kind": ["private"], "days": ["1.5"], "reason": ["回乡"], "phone": [""], "agreed": ["on"]}


def test_a_schema_comes_back_as_it_was():
    form = read(LEAVE)
    again = read(json.loads(json.dumps(write(form))))
    assert again == form
    assert [one.type for one in form.fields][:2] == [FieldType.SELECT, FieldType.NUMBER]
    assert form.find("phone").inside == "联系"


def test_good_answers_are_typed():
    answers = clean(read(LEAVE), GOOD)
    assert answers.is_valid
    assert answers.values == {
        "kind": "private", "days": 1.5, "reason": "回乡", "proof": None, "phone": None, "from": None, "lessons": None,
        "agreed": True,
    }  # fmt: skip
    assert answers.hidden == {"proof"}


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("kind", "king", "选项"), ("kind", "", "填写"), ("days", "x", "不是数"), ("days", "NaN", "不是数"), ("days", "1e99", "不是数"),
        ("days", "0", "不能小于 0.5"), ("days", "31", "不能大于 30"), ("days", "1.55", "小数"), ("reason", "长" * 201, "201"),
        ("phone", "电话", "电话"), ("from", "2026-13-01", "日期"), ("lessons", "9", "选项"), ("agreed", "", "填写"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_at_its_field(key, value, part):
    answers = clean(read(LEAVE), {**GOOD, key: [value]})
    assert set(answers.errors) == {key}
    assert part in answers.errors[key]


def test_hidden_fields_are_neither_kept_nor_asked():
    form = read(LEAVE)
    sick = {**GOOD, "kind": ["sick"], "days": ["3"]}
    assert "proof" not in clean(form, sick).hidden
    assert "proof" in hidden_of(form, {})
    kept = clean(form, GOOD, kept={"proof": ["a file"]})
    assert kept.values["proof"] is None
    assert clean(form, sick, kept={"proof": ["a file"]}).values["proof"] == ["a file"]


def test_only_granted_fields_are_written():
    kept = clean(read(LEAVE), GOOD).values
    answers = clean(read(LEAVE), {**GOOD, "days": ["2"], "reason": ["改了"]}, kept=kept, writes=frozenset({"days"}))
    assert (answers.values["days"], answers.values["reason"]) == (2.0, "回乡")


@pytest.mark.parametrize(
    ("component", "part"),
    [
        ({"type": "iframe", "key": "a", "label": "a"}, "iframe"), ({"type": "textfield", "key": "姓名", "label": "姓名"}, "字母"),
        ({"type": "textfield", "key": "a"}, "名称"), ({"type": "select", "key": "a", "label": "a"}, "选项"),
        ({"type": "number", "key": "a", "label": "a", "validate": {"min": 5, "max": 1}}, "最小值"),
        ({"type": "textfield", "key": "a", "label": "a", "validate": {"pattern": "(a+)+"}}, "括号"),
        ({"type": "textfield", "key": "a", "label": "a", "conditional": {"hide": "=b > 1"}}, "b"),
        ({"type": "textfield", "key": "a", "label": "a", "conditional": {"hide": "=a = 1"}}, "自己"),
        ("x", "项目"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_by_name(component, part):
    with pytest.raises(Invalid) as refused:
        read({"components": [component]})
    assert part in refused.value.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8,
)  # fmt: skip
_COMPONENT = st.fixed_dictionaries(
    {"type": st.sampled_from([*FieldType, "html"]), "key": st.sampled_from(["a", "b", "c1", "", "9"])},
    optional={
        "label": st.text(max_size=5), "values": _JSON, "validate": _JSON, "properties": _JSON, "conditional": _JSON,
        "components": _JSON, "decimalDigits": _JSON, "subtype": st.sampled_from(["date", "time", "datetime", "x"]),
    },
)  # fmt: skip


@given(st.fixed_dictionaries({"components": st.lists(_COMPONENT, max_size=4) | _JSON}))
def test_any_schema_is_read_or_refused(schema):
    try:
        form = read(schema)
    except Invalid as refused:
        assert refused.message
        return
    assert read(write(form)) == form


@given(st.dictionaries(st.sampled_from(sorted(read(LEAVE).keys)), st.lists(st.text(max_size=12) | st.sampled_from(
    ["1", "0.5", "on", "sick", "2026-02-29", "2026-02-28", "\x00", "１２"]), max_size=3)))  # fmt: skip
def test_any_post_fits_or_says_what_is_wrong(posted):
    form = read(LEAVE)
    answers = clean(form, posted)
    assert set(answers.values) == set(form.keys)
    assert set(answers.errors) <= set(form.keys)
    if not answers.is_valid:
        assert all(answers.errors.values())
        return
    for one in form.asked():
        value = answers.values[one.key]
        assert value is None or value == [] or one.type is not FieldType.NUMBER or 0.5 <= value <= 30
        assert not (one.is_required and one.key not in answers.hidden and value in (None, "", False))
    assert json.loads(json.dumps(answers.values)) == answers.values
    typed = {
        key: value if isinstance(value, list) else ["on" if value is True else str(value)]
        for key, value in answers.values.items() if value not in (None, False)
    }  # fmt: skip
    assert clean(form, typed).values == answers.values
