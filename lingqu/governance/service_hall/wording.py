"""Rules in sentences, for pages."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.language import listed

from .types.rules import Exclusion, Rule, SeatRule, SuspensionRule, TransferRule, WithdrawalRule
from .types.words import Shown


def lines_of(rule: Rule) -> tuple[str, ...]:
    match rule:
        case TransferRule():
            return _transfer(rule)
        case SuspensionRule():
            return (
                _("一次 %(least)d 到 %(most)d 个月，累计不超过 %(whole)d 个月。")
                % {"least": rule.least_months, "most": rule.most_months, "whole": rule.most_in_all},
                _("需要的证明：%(proof)s。") % {"proof": rule.proof},
            )
        case WithdrawalRule():
            names = listed(map(registry.grade_label, rule.refused))
            return (_("%(grades)s不得退学。") % {"grades": names} if names else _("没有限制。"), rule.text)
        case SeatRule():
            return (
                _("每班学位：小学 %(primary)d，初中 %(junior)d，高中 %(senior)d。")
                % {"primary": rule.primary, "junior": rule.junior, "senior": rule.senior},
                _("起始年级不得超额。") if rule.entry_stop else _("起始年级超额时提示。"),
                _("向家长：%(shown)s。") % {"shown": Shown(rule.shown).label},
            )


def _transfer(rule: TransferRule) -> tuple[str, ...]:
    windows = listed(
        (_("%(start)s 至 %(end)s（秋季）") if one.term == "1" else _("%(start)s 至 %(end)s（春季）"))
        % {"start": one.start, "end": one.end}
        for one in rule.windows
    )
    found = [_("办理时间：%(windows)s。") % {"windows": windows} if windows else _("目前不办理。")]
    found += [_exclusion(one) for one in rule.exclusions]
    if rule.refuses_suspended:
        found.append(_("休学期间不办理。"))
    if rule.same_grade:
        found.append(_("只办理平级转学。"))
    found.append(_("每个环节 %(n)d 个工作日。") % {"n": rule.days})
    return tuple(found)


def _exclusion(one: Exclusion) -> str:
    names = {"leaving": _("毕业年级"), "entry": _("起始年级")}
    name = names.get(one.grade) or registry.grade_label(one.grade)
    texts = {"": _("%(grade)s全年不转。"), "1": _("%(grade)s第一学期不转。"), "2": _("%(grade)s第二学期不转。")}
    return texts[one.term] % {"grade": name}
