"""Forms of the simple designer: the whole, one step, the paper."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..definition.design import Condition, Design, DesignStep, Paper, Sign, Together
from ..forms.schema import CHOSEN, FieldType
from ..types.words import Audience
from . import choosing

SIGNS = (
    (Sign.AT_LEAST, gettext_lazy("大于等于")), (Sign.MORE, gettext_lazy("大于")), (Sign.AT_MOST, gettext_lazy("小于等于")),
    (Sign.LESS, gettext_lazy("小于")), (Sign.IS, gettext_lazy("是")), (Sign.IS_NOT, gettext_lazy("不是")),
)  # fmt: skip
TOGETHER = (
    (Together.ONE, gettext_lazy("其中一人办即可")), (Together.ALL, gettext_lazy("会签：每个人都同意才算同意")),
    (Together.MAJORITY, gettext_lazy("会签：过半数同意")),
)  # fmt: skip


def _flag(label: Any, hint: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=hint)


def _checks(label: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=required, widget=forms.CheckboxSelectMultiple, choices=())


def _days(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=365, help_text=gettext_lazy("工作日，空着就是不限时")
    )


class NameForm(forms.Form):
    """A new process."""

    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("例如：用车申请、教师请假")
    )


class WholeForm(NameForm):
    """What holds for the process as a whole."""

    audience = _checks(gettext_lazy("谁可以申请"))
    days = _days(gettext_lazy("承诺几天办结"))
    saved = forms.IntegerField(
        label=gettext_lazy("少交的纸质材料"), required=False, min_value=0, max_value=20,
        help_text=gettext_lazy("因为平台已有数据，申请人少交几份"),
    )  # fmt: skip
    recusal = _flag(
        gettext_lazy("办自己的件要回避"),
        gettext_lazy("申请人、当事人和监护人不审批自己的件，自动转给同岗位的其他人或上一级"),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        audience: Any = self.fields["audience"]
        audience.choices, audience.help_text = Audience.choices, _("都不选就是谁都可以")


class PaperForm(forms.Form):
    """The printed official form."""

    title = forms.CharField(label=gettext_lazy("表头"), max_length=60, required=False)
    seals = _checks(gettext_lazy("印上签字盖章框的环节"))
    foot = forms.CharField(label=gettext_lazy("表尾说明"), max_length=200, required=False)

    def __init__(self, *args: Any, design: Design, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["seals"].choices = [(one.id, one.name) for one in design.steps]  # type: ignore[attr-defined]

    def paper(self) -> Paper:
        given = self.cleaned_data
        return Paper(title=given["title"], seals=tuple(given["seals"]), foot=given["foot"])


class StepForm(forms.Form):
    """One step: who decides, how long, what they may do."""

    name = forms.CharField(label=gettext_lazy("环节名称"), max_length=40, help_text=gettext_lazy("例如：班主任审批"))
    who = _checks(gettext_lazy("由谁办"), required=True)
    together = forms.ChoiceField(label=gettext_lazy("有几个人时"), choices=TOGETHER)
    days = _days(gettext_lazy("几天内办完"))
    decides = _flag(gettext_lazy("可以同意或不同意"), gettext_lazy("不选就是只登记办结；不同意要写理由，办件结束"))
    may_return = _flag(gettext_lazy("可以退回补正"))
    may_hand_on = _flag(gettext_lazy("可以转给别人办"))
    may_countersign = _flag(gettext_lazy("可以请人会办"))
    needs_scan = _flag(gettext_lazy("要上传盖章的扫描件才能办结"))
    only_key = forms.ChoiceField(label=gettext_lazy("什么时候经过这一步"), required=False)
    only_sign = forms.ChoiceField(label=gettext_lazy("比较"), choices=SIGNS, required=False)
    only_value = forms.CharField(label=gettext_lazy("值"), max_length=60, required=False)
    writes = _checks(gettext_lazy("这一步可以填写或修改"))
    hides = _checks(gettext_lazy("这一步看不到"))
    instructions = forms.CharField(label=gettext_lazy("办理要求"), required=False, max_length=300)
    after = forms.ChoiceField(label=gettext_lazy("放在哪一步之后"), required=False)

    def __init__(self, *args: Any, design: Design, step: DesignStep, base: Design | None = None, **more: Any) -> None:
        """``design``: with everything inherited; ``base``: what an extension inherits."""
        super().__init__(*args, **more)
        self.design, self.step = design, step
        if base is None or base.find(step.id) is not None:
            del self.fields["after"]
        else:
            before = [(one.id, one.name) for one in base.steps]
            self.fields["after"].choices = [("", _("最前面")), *before]  # type: ignore[attr-defined]
        offered = choosing.options()
        known = dict(offered)
        offered += [(code, one.label) for one in step.who if (code := choosing.code_of(one)) not in known]
        self.fields["who"].choices = offered  # type: ignore[attr-defined]
        fields = [(one.key, one.label) for one in design.form.asked()]
        if not fields:
            for name in ("only_key", "only_sign", "only_value", "writes", "hides"):
                del self.fields[name]
            return
        self.fields["only_key"].choices = [("", _("总是经过")), *fields]  # type: ignore[attr-defined]
        self.fields["writes"].choices = self.fields["hides"].choices = fields  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        target = self.design.form.find(given.get("only_key") or "")
        value = (given.get("only_value") or "").strip()
        if target is None:
            return given
        if target.type is FieldType.NUMBER and not value.replace(".", "", 1).isdecimal():
            self.add_error("only_value", _("“%(label)s”要和一个数比较。") % {"label": target.label})
        if target.type in CHOSEN and value not in {word for pair in target.choices for word in pair}:
            self.add_error("only_value", _("请写“%(label)s”的一个选项。") % {"label": target.label})
        return given

    def made(self) -> DesignStep:
        given = self.cleaned_data
        kept = {choosing.code_of(one): one for one in self.step.who}
        offered = {choosing.code_of(one): one for one in choosing.rules_of(given["who"])}
        return DesignStep(
            id=self.step.id, name=given["name"], who=tuple((kept | offered)[code] for code in given["who"]),
            days=given["days"] or 0, decides=given["decides"], may_return=given["may_return"],
            may_hand_on=given["may_hand_on"], may_countersign=given["may_countersign"],
            together=Together(given["together"]), only_if=self._only_if(), writes=tuple(given.get("writes", ())),
            hides=tuple(given.get("hides", ())), needs_scan=given["needs_scan"], instructions=given["instructions"],
            after=given.get("after", self.step.after),
        )  # fmt: skip

    def _only_if(self) -> tuple[Condition, ...]:
        given = self.cleaned_data
        target = self.design.form.find(given.get("only_key") or "")
        if target is None:
            return ()
        value = given.get("only_value", "").strip()
        value = {label: code for code, label in target.choices}.get(value, value)
        return (Condition(key=target.key, sign=Sign(given.get("only_sign") or Sign.IS), value=value),)


def initial_of_step(step: DesignStep, design: Design) -> dict[str, Any]:
    found = {
        "name": step.name, "who": [choosing.code_of(one) for one in step.who], "together": str(step.together),
        "days": step.days or None, "decides": step.decides, "may_return": step.may_return,
        "may_hand_on": step.may_hand_on, "may_countersign": step.may_countersign, "needs_scan": step.needs_scan,
        "writes": list(step.writes), "hides": list(step.hides), "instructions": step.instructions, "after": step.after,
    }  # fmt: skip
    for condition in step.only_if[:1]:
        target = design.form.find(condition.key)
        value = target.label_of(condition.value) if target else condition.value
        found |= {"only_key": condition.key, "only_sign": str(condition.sign), "only_value": value}
    return found


def condition_words(condition: Condition, design: Design) -> str:
    """``天数大于等于 3``."""
    target = design.form.find(condition.key)
    return _("%(label)s%(sign)s %(value)s") % {
        "label": target.label if target else condition.key, "sign": dict(SIGNS)[condition.sign],
        "value": target.label_of(condition.value) if target else condition.value,
    }  # fmt: skip
