"""Who may be asked, as the designer offers it: words for the rules of participants."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.registry import api as registry
from lingqu.kernel.language import listed

from ..types.participants import Place, Rule, RuleKind

DUTIES = {
    "principal": gettext_lazy("校长"), "vice_principal": gettext_lazy("副校长"), "academic_director": gettext_lazy("教务主任"),
    "moral_director": gettext_lazy("德育主任"), "services_director": gettext_lazy("总务主任"),
    "register_officer": gettext_lazy("学籍管理员"), "school_admin": gettext_lazy("学校管理员"),
}  # fmt: skip
OFFICE_DUTIES = {"bureau_leader": gettext_lazy("局领导"), "county_officer": gettext_lazy("县级管理员")}
NEAREST = {
    RuleKind.CLASS_TEACHER: gettext_lazy("学生所在班的班主任"), RuleKind.GRADE_HEAD: gettext_lazy("学生所在年级的年级组长"),
}  # fmt: skip
STARTER = (str(RuleKind.STARTER), gettext_lazy("申请人自己"))
HIGHER = (Place.COUNTY, Place.CITY)


def options() -> list[tuple[str, str]]:
    """(code, words) of everything the simple designer offers, nearest first."""
    at_school = dict(registry.post_kinds("school"))
    offices = [pair for pair in registry.post_kinds("region") if pair[0] not in at_school]
    return [
        *((str(kind), str(name)) for kind, name in NEAREST.items()),
        *((f"{RuleKind.DUTY}:{code}:{Place.SCHOOL}", str(name)) for code, name in DUTIES.items()),
        *((f"{RuleKind.POST}:{code}:{Place.SCHOOL}", _("%(name)s岗位") % {"name": name}) for code, name in at_school.items()),
        *((f"{RuleKind.POST}:{code}:{place}", _at(place, name)) for place in HIGHER for code, name in offices),
        *((f"{RuleKind.DUTY}:{code}:{place}", _at(place, str(name))) for place in HIGHER for code, name in OFFICE_DUTIES.items()),
        (STARTER[0], str(STARTER[1])),
    ]  # fmt: skip


def rules_of(codes: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of chosen codes, with their words as labels; unknown codes are left out."""
    words = dict(options())
    return tuple(_rule(code, words[code]) for code in dict.fromkeys(codes) if code in words)


def code_of(rule: Rule) -> str:
    """The code under which a rule is offered."""
    if rule.kind in NEAREST or rule.kind is RuleKind.STARTER:
        return str(rule.kind)
    return f"{rule.kind}:{rule.code}:{rule.place}"


def words_of(rules: Iterable[Rule]) -> str:
    known = dict(options())
    return listed(known.get(code_of(one)) or one.label or one.code for one in rules)


def _rule(code: str, label: str) -> Rule:
    kind, _colon, rest = code.partition(":")
    name, _colon, place = rest.partition(":")
    return Rule(kind=RuleKind(kind), code=name, place=Place(place) if place else Place.OWN, label=label)


def _at(place: Place, name: str) -> str:
    return _("县级：%(name)s") % {"name": name} if place is Place.COUNTY else _("市级：%(name)s") % {"name": name}
