"""A process as ordinary people write it: a form and steps in order. Kept inside the BPMN file that it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

import msgspec
from django.utils.translation import gettext as _

from ..forms.schema import FieldType, Form
from ..types.participants import Rule

MOST_STEPS = 30
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Together(StrEnum):
    """Who of several people decides a step."""

    ONE = "one"
    """Any one of them, alone."""
    ALL = "all"
    """Each of them; the step agrees when all agree."""
    MAJORITY = "majority"
    """Each of them, until more than half have agreed or refused."""


class Sign(StrEnum):
    """Comparisons of a condition."""

    AT_LEAST = ">="
    MORE = ">"
    AT_MOST = "<="
    LESS = "<"
    IS = "=="
    IS_NOT = "!="


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A step happens only if the field compares so; an empty field means it does not."""

    key: str
    sign: Sign = Sign.IS
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignStep:
    """One step: who, how many days, what they may do. ``decides``: 同意 and 不同意 (which ends the case), else only 办结."""

    id: str
    name: str = ""
    who: tuple[Rule, ...] = ()
    days: int = 0
    decides: bool = True
    may_return: bool = True
    may_hand_on: bool = True
    may_countersign: bool = True
    together: Together = Together.ONE
    only_if: tuple[Condition, ...] = ()
    writes: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()
    """Fields that the step does not see."""
    needs_scan: bool = False
    instructions: str = ""
    handler: str = ""
    """A step that the platform does itself: the name of a registered handler, with no person."""
    result: str = ""
    """The name under which later conditions see what the handler answered."""
    after: str = ""
    """In an extension: the step of the base behind which a new step stands; empty: before all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The printed official form: its title, the boxes for opinion, signature and seal (ids of steps), a line at the foot."""

    title: str = ""
    seals: tuple[str, ...] = ()
    foot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """The whole. ``days``: the promise for the case, in working days; ``saved``: papers an applicant need not bring."""

    key: str
    name: str
    form: Form = field(default_factory=lambda: Form(key="form"))
    steps: tuple[DesignStep, ...] = ()
    days: int = 0
    saved: int = 0
    paper: Paper = field(default_factory=Paper)
    base: str = ""
    """Key of the definition that it extends; empty for one of its own."""
    audience: tuple[str, ...] = ()
    """Words of ``Audience``: who may start it; empty for everybody."""
    recusal: bool = True
    """回避: who applied or is concerned decides no step."""

    def find(self, step_id: str) -> DesignStep | None:
        return next((one for one in self.steps if one.id == step_id), None)

    def reads_of(self, step: DesignStep) -> tuple[str, ...]:
        """What the step's grant says: everything, or the fields one by one."""
        if not step.hides:
            return ("*",)
        return tuple(one.key for one in self.form.asked() if one.key not in step.hides)


class Written(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a design the file keeps besides its form."""

    steps: tuple[DesignStep, ...] = ()
    paper: Paper = Paper()
    base: str = ""


def faults_of(design: Design) -> Iterator[tuple[str, str]]:
    """(step id or empty, sentence) of what the linter of the file cannot say in the words of the designer."""
    if not _KEY.fullmatch(design.key):
        yield "", _("代码要用小写英文字母开头的字母、数字和下划线。")
    if not design.name.strip():
        yield "", _("请给流程起一个名称。")
    if not design.steps:
        yield "", _("还没有环节：至少要有一个人来办。")
    if not any(design.form.asked()):
        yield "", _("表单还没有项目。")
    if len(design.steps) > MOST_STEPS:
        yield "", _("最多 %(n)d 个环节。") % {"n": MOST_STEPS}
    for step in design.steps:
        yield from ((step.id, sentence) for sentence in _faults_of_step(design, step))


def _faults_of_step(design: Design, step: DesignStep) -> Iterator[str]:
    name = {"name": step.name or step.id}
    if not step.name.strip():
        yield _("有一个环节没有名称。")
    if not step.who and not step.handler:
        yield _("“%(name)s”没有选由谁办。") % name
    for condition in step.only_if:
        target = design.form.find(condition.key)
        if condition.key in {one.result for one in design.steps if one.result}:
            continue
        if target is None or not target.asks:
            yield _("“%(name)s”的条件用了表单里没有的项目。") % name
        elif target.type is FieldType.NUMBER and not _is_number(condition.value):
            yield _("“%(name)s”的条件里，“%(label)s”要和一个数比较。") % {**name, "label": target.label}
    for key in (*step.writes, *step.hides):
        if key not in design.form.keys:
            yield _("“%(name)s”授权了表单里没有的项目。") % name


def expression_of(condition: Condition, form: Form) -> str:
    """The condition as CEL; a field that is empty makes it false."""
    target = form.find(condition.key)
    kind = target.type if target else FieldType.TEXT
    if kind is FieldType.NUMBER:
        return f"({condition.key} != null && {condition.key} {condition.sign} {condition.value})"
    if kind is FieldType.TICK:
        wanted = "true" if condition.value in ("true", "on", "1", "是") else "false"
        return f"{condition.key} {Sign.IS if condition.sign is not Sign.IS_NOT else Sign.IS_NOT} {wanted}"
    text = msgspec.json.encode(condition.value).decode()
    if kind is FieldType.TICKS:
        inside = f"({condition.key} != null && {text} in {condition.key})"
        return f"!{inside}" if condition.sign is Sign.IS_NOT else inside
    return f"({condition.key} != null && {condition.key} {condition.sign} {text})"


def expression_of_all(step: DesignStep, form: Form) -> str:
    return " && ".join(expression_of(one, form) for one in step.only_if)


def merged(base: Design, own: Design) -> Design:
    """A design that extends another: its steps take the place of those with the same id, new ones stand behind ``after``;
    its fields are added. What the base gains later comes along with the extension's next version."""
    own_steps = {one.id: one for one in own.steps}
    steps = [own_steps.pop(one.id, one) for one in base.steps]
    for one in reversed(own_steps.values()):
        at = next(
            (place + 1 for place, other in enumerate(steps) if other.id == one.after), len(steps) if one.after else 0
        )
        steps.insert(at, one)
    fields = (*base.form.fields, *(one for one in own.form.fields if not one.key or one.key not in base.form.keys))
    return replace(
        own, form=Form(key=own.form.key, fields=fields), steps=tuple(steps), days=own.days or base.days,
        saved=own.saved or base.saved, paper=own.paper if own.paper != Paper() else base.paper,
        audience=own.audience or base.audience, recusal=own.recusal and base.recusal,
    )  # fmt: skip


def new_id(prefix: str, taken: Iterator[str]) -> str:
    """``step4`` when step1 to step3 are taken."""
    used = set(taken)
    return next(name for number in range(1, len(used) + 2) if (name := f"{prefix}{number}") not in used)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,9}(\.\d{1,6})?", text))
