"""The two processes that end in recorded leave, as data: their forms, steps and who decides by how many days."""

from __future__ import annotations

from typing import Any

from lingqu.foundation.workflow import api as workflow

from .values import PUPIL_KINDS, STAFF_KINDS, Kind
from .words import Symptom

PUPIL_KEY, STAFF_KEY = "pupil_leave", "teacher_leave"
WEIGH, RECORD = "office.weigh_leave", "office.record_leave"
LADDER = "ladder"
"""Under this name later steps see how far up a leave has to go: 1, 2 or 3 by the limits of the place."""
PARTS = (("whole", "全天"), ("morning", "只上午"), ("afternoon", "只下午"))
Rule, RuleKind, Place = workflow.Rule, workflow.RuleKind, workflow.Place


def _duty(code: str) -> Any:
    return Rule(kind=RuleKind.DUTY, place=Place.SCHOOL, code=code)


def _post(code: str) -> Any:
    return Rule(kind=RuleKind.POST, place=Place.SCHOOL, code=code)


def _form(key: str, kinds: tuple[Kind, ...], *, with_symptoms: bool) -> Any:
    choices = [{"value": one.code, "label": one.name} for one in kinds]
    needed = {"required": True}
    components: list[dict[str, Any]] = [
        {"type": "select", "key": "kind", "label": "假别", "values": choices, "validate": needed},
        {"type": "datetime", "subtype": "date", "key": "starts_on", "label": "从", "validate": needed},
        {"type": "datetime", "subtype": "date", "key": "ends_on", "label": "到", "validate": needed},
        {"type": "select", "key": "part", "label": "一天以内", "values": [{"value": code, "label": name} for code, name in PARTS]},
        {"type": "textarea", "key": "reason", "label": "事由", "validate": {"maxLength": 200}},
    ]  # fmt: skip
    if with_symptoms:
        symptoms = [{"value": str(code), "label": str(label)} for code, label in Symptom.choices]
        components.insert(1, {"type": "checklist", "key": "symptoms", "label": "症状", "values": symptoms})
    return workflow.read_form({"id": key, "components": components})


def _from(level: str) -> tuple[Any, ...]:
    return (workflow.Condition(key=LADDER, sign=workflow.Sign.AT_LEAST, value=level),)


def pupil_design() -> Any:
    """Parent → 班主任 → 年级组长 → 德育处, as far as the days ask."""
    step = workflow.DesignStep
    return workflow.Design(
        key=PUPIL_KEY, name="学生请假", audience=(workflow.Audience.FAMILY,), form=_form(PUPIL_KEY, PUPIL_KINDS, with_symptoms=True), days=1,
        steps=(
            step(id="weigh", name="按天数定谁批", handler=WEIGH, result=LADDER),
            step(id="head", name="班主任", who=(Rule(kind=RuleKind.CLASS_TEACHER),), days=1),
            step(id="grade", name="年级组长", who=(Rule(kind=RuleKind.GRADE_HEAD), _duty("moral_director")), days=1,
                 only_if=_from("2")),
            step(id="moral", name="德育处", who=(_post("moral_office"), _duty("moral_director")), days=1, only_if=_from("3")),
            step(id="record", name="登记请假", handler=RECORD, result="absence"),
        ),
    )  # fmt: skip


def staff_design() -> Any:
    """Teacher → 教务处 → 校长, as far as the days ask; then the lessons are open for substitution."""
    step = workflow.DesignStep
    office = (_post("academic_office"), _duty("academic_director"))
    return workflow.Design(
        key=STAFF_KEY, name="教师请假", audience=(workflow.Audience.STAFF,), form=_form(STAFF_KEY, STAFF_KINDS, with_symptoms=False), days=2,
        steps=(
            step(id="weigh", name="按天数定谁批", handler=WEIGH, result=LADDER),
            step(id="office", name="教务处", who=office, days=1),
            step(id="principal", name="校长", who=(_duty("principal"),), days=1, only_if=_from("3")),
            step(id="record", name="登记请假、安排代课", handler=RECORD, result="absence"),
        ),
    )  # fmt: skip


DESIGNS = {PUPIL_KEY: pupil_design, STAFF_KEY: staff_design}
