"""What the pages of 学年升级 show: values ready for the templates."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock

from ..models import PlannedClass, Rollover, RolloverRun, SchoolPlan
from ..selectors.plans import Totals
from ..services.years import is_locked
from ..types.words import NoteKind, PlanState, RunState

TONES = {"ready": "green", "pending": "amber", "missing": "coral", "applied": "brand", "empty": ""}


def number(value: int) -> str:
    return f"{value:,}"


def span(year: str) -> str:
    return year.replace("-", "–")


def equation(totals: Totals) -> str:
    return _("%(sum)s = %(total)s 人次；小升初先毕业后入学，计两次") % {
        "sum": " + ".join(number(part) for part in totals.parts), "total": number(totals.moves)
    }  # fmt: skip


def figures(totals: Totals) -> list[dict[str, Any]]:
    entering = [
        _("%(grade)s %(n)s") % {"grade": registry.grade_label(grade), "n": number(n)}
        for grade, n in sorted(totals.entering.items())
    ]
    rest = totals.stay - totals.undecided
    return [
        {"value": totals.up, "label": _("升级"), "note": _("班级整体上移，班号不变")},
        {"value": totals.stage + totals.central, "label": _("升段、转中心校"),
         "note": _("九年一贯 %(stage)s · 教学点 %(central)s") % {"stage": number(totals.stage), "central": number(totals.central)}},
        {"value": totals.graduate, "label": _("毕业待升学"), "note": _("账号保留，暂无学校"), "tone": "amber"},
        {"value": totals.new, "label": _("新生入学"), "note": " · ".join(entering) or _("秋季名册未到")},
        {"value": totals.stay, "label": _("不动，要人定"), "tone": "coral",
         "note": _("休学 %(away)s · 待定 %(open)s") % {"away": number(rest), "open": number(totals.undecided)}},
    ]  # fmt: skip


def steps(rollover: Rollover, totals: Totals) -> list[dict[str, str]]:
    applied = totals.states.get(PlanState.APPLIED, 0)
    here = _("应用时 %(n)s / %(of)s 所已到") if applied else _("%(n)s / %(of)s 所已到")
    locked = is_locked(rollover)
    ends = rollover.locked_at or rollover.locks_at
    until = _("08-31 24:00") if not rollover.locked_at else ends.astimezone(clock.ZONE).strftime("%m-%d %H:%M")
    notes = [
        _("%(day)s 起") % {"day": rollover.starts_on.isoformat()},
        here % {"n": totals.schools - totals.unlisted, "of": totals.schools},
        _("%(n)s 人次变动") % {"n": number(totals.moves)} if totals.schools else _("还没有预览"),
        _("%(n)s / %(of)s 所已应用") % {"n": applied, "of": totals.schools} if applied else _("可整体撤销"),
        until,
    ]
    labels = [_("定学年"), _("载入新生名册"), _("预览"), pgettext("动词", "应用"), _("锁定")]
    at = 5 if locked else 4 if applied else 3
    are_here = bool(totals.schools) and not totals.unlisted
    return [
        {"label": label, "note": note,
         "state": "current" if i == at and not locked else "done" if (i <= at and (i != 2 or are_here or locked)) else "next"}
        for i, (label, note) in enumerate(zip(labels, notes, strict=True), 1)
    ]  # fmt: skip


def chips(totals: Totals, query: dict[str, str]) -> list[dict[str, Any]]:
    made = []
    for value, label in (("", _("全部")), ("ready", _("可应用")), ("pending", _("待定")), ("missing", _("缺名册")),
                         ("applied", _("已应用"))):  # fmt: skip
        count = totals.states.get(value, 0) if value else totals.schools
        if value in ("applied",) and not count:
            continue
        kept = {**query, "state": value}
        made.append({
            "label": label, "count": count, "state": "all" if value == query.get("state", "") else "",
            "href": "?" + urlencode({k: v for k, v in kept.items() if v}) + "#schools",
        })  # fmt: skip
    return made


def school_kind(plan: SchoolPlan) -> str:
    """初中 · 六三, or the grades of a teaching point."""
    school = plan.school
    if school.kind == "teaching_point":
        return _("教学点")
    names = {"2": _("小学"), "312": _("九年一贯"), "311": _("初中"), "341": _("完全中学"), "342": _("高中"),
             "345": _("十二年一贯"), "1": _("幼儿园"), "5": _("特殊教育")}  # fmt: skip
    kind = names.get(school.school_type) or names.get(school.school_type[:1]) or _("学校")
    if kind == _("幼儿园"):
        return kind
    return f"{kind} · {_('五四') if school.schooling == 'five_four' else _('六三')}"


def faults() -> dict[str, str]:
    return {
        "plan_changed": _("名册有变动，请重算"), "undecided": _("还有人没有定年级"), "forbidden": _("中心校不在你的范围"),
        "changed_meanwhile": _("有人另外改过，请到学校页确认"),
    }  # fmt: skip


def plan_row(plan: SchoolPlan) -> dict[str, Any]:
    if plan.fault:
        result, tone = faults().get(plan.fault, _("没有应用")), "amber"
    elif plan.state == PlanState.PENDING:
        result, tone = _("%(n)d 处待定") % {"n": plan.undecided}, "amber"
    else:
        result, tone = str(PlanState(plan.state).label), TONES[plan.state]
    return {
        "plan": plan, "code": plan.school.code or "", "name": plan.school.name, "kind": school_kind(plan), "result": result,
        "tone": tone, "beside": plan.stage + plan.central, "lacks_new": plan.state == PlanState.MISSING and not plan.new,
    }  # fmt: skip


def grade_lines(plan: SchoolPlan, classes: tuple[PlannedClass, ...]) -> list[dict[str, Any]]:
    """Classes of a school, one line a grade: 七（1）–（10）班 438 → 八（1）–（10）班 436."""
    lines = []
    if plan.new:
        lines.append({"before": _("新生"), "note_before": _("外校"), "size": plan.new, "after": _entering(plan),
                      "after_size": plan.new, "note": _("待阳光分班或已编班")})  # fmt: skip
    for grades, found in groupby(classes, key=lambda one: tuple(one.grades)):
        rows = list(found)
        moves: dict[str, int] = {}
        for row in rows:
            for move, n in row.moves.items():
                moves[move] = moves.get(move, 0) + n
        lines.append({
            "before": _span_of([row.name for row in rows]), "note_before": "", "size": sum(row.size for row in rows),
            "after": _after(rows, moves), "after_size": sum(row.after for row in rows) or sum(
                moves.get(move, 0) for move in ("graduate", "central", "stage")),
            "note": _note(moves, grades),
        })  # fmt: skip
    return lines


def _entering(plan: SchoolPlan) -> str:
    return "、".join(registry.grade_label(grade) for grade in sorted(plan.entering)) or _("待编班")


def _span_of(names: list[str]) -> str:
    return names[0] if len(names) == 1 else _("%(first)s – %(last)s") % {"first": names[0], "last": names[-1]}


def _after(rows: list[PlannedClass], moves: dict[str, int]) -> str:
    targets = [row.target_name for row in rows if row.target_name]
    if targets:
        return _span_of(targets)
    if moves.get("central"):
        return _("转中心校")
    if moves.get("stage"):
        return _("升段，待编班")
    return _("毕业待升学") if moves.get("graduate") else _("班级结束")


def _note(moves: dict[str, int], grades: tuple[str, ...]) -> str:
    parts = []
    label = "、".join(map(registry.grade_label, grades))
    if moves.get("stay"):
        parts.append(_("休学 %(n)d 人，留在%(grade)s") % {"n": moves["stay"], "grade": label})
    if moves.get("unknown"):
        parts.append(_("待定 %(n)d 人") % {"n": moves["unknown"]})
    if moves.get("central"):
        parts.append(_("转中心校 %(n)d 人") % {"n": moves["central"]})
    if moves.get("graduate"):
        parts.append(_("班级归档，6 月名册仍可查"))
    return "；".join(parts) or "—"


def exceptions(kinds: dict[str, int], totals: Totals, year: str, node: str) -> list[dict[str, Any]]:
    """Sentences with the number, the rule, what the system does, one link."""
    made = [*_of_rule(kinds, totals, year, node), *_of_gaps(kinds, totals, year, node)]
    names = ("icon", "tone", "title", "text", "tag", "tag_tone", "link", "href")
    return [dict(zip(names, one, strict=True)) for one in made]


Told = tuple[str, str, str, str, str, str, str, str]


def _pupils_href(kind: str, year: str, node: str) -> str:
    return reverse("yearly:rollover_pupils", args=[kind]) + "?" + urlencode({"year": year, "node": node})


def _of_rule(kinds: dict[str, int], totals: Totals, year: str, node: str) -> list[Told]:
    """What the rules say about pupils: repeating, leave, graduating."""
    made: list[Told] = []
    if count := kinds.get("repeat_refused", 0):
        made.append(("user-off", "coral", _("留级 %(n)s 人：不予办理") % {"n": number(count)},
                     _("名册把他们留在原年级。义务教育阶段不得留级，按升级处理。"), _("按升级处理"), "coral", _("看名单"),
                     _pupils_href("repeat_refused", year, node)))  # fmt: skip
    if count := kinds.get("suspended", 0):
        made.append(("bed", "amber", _("休学 %(n)s 人：不随班升") % {"n": number(count)},
                     _("停在原年级，复学时再选年级。"), _("保留原年级"), "amber", _("看名单"),
                     _pupils_href("suspended", year, node)))  # fmt: skip
    if count := kinds.get("returning", 0):
        made.append(("refresh", "amber", _("复学 %(n)s 人：要选年级") % {"n": number(count)},
                     _("休学期满，家长可选原年级或随原班。"), _("待选年级"), "amber", _("去选"),
                     _pupils_href("returning", year, node)))  # fmt: skip
    if totals.graduate:
        made.append(("certificate", "brand", _("毕业待升学 %(n)s 人") % {"n": number(totals.graduate)},
                     _("账号、课程和档案保留，暂时没有学校；9 月新籍到后自动接上。"), _("不停用账号"), "brand", _("导出名单"),
                     reverse("yearly:rollover_export") + "?" + urlencode({"year": year, "node": node})))  # fmt: skip
    return made


def _of_gaps(kinds: dict[str, int], totals: Totals, year: str, node: str) -> list[Told]:
    """What is missing or was decided: new pupils, grades, classes, class teachers."""
    made: list[Told] = []
    if count := totals.states.get(PlanState.MISSING, 0):
        made.append(("file", "coral", _("新生名册未到 %(n)s 所") % {"n": number(count)},
                     _("起始年级还没有新生。可以先应用，名册到后再编班。"), _("8 月 31 日前补"), "coral", _("看学校"),
                     "?" + urlencode({"year": year, "node": node, "state": "missing"}) + "#schools"))  # fmt: skip
    for kind, icon, text, tag in (
        ("no_central", "route", _("最高年级要转中心校，但没有登记中心校，或最高年级要改。"), _("要人定")),
        ("grade_unknown", "help", _("没有年级，无法判断升到哪里。"), _("要人定")),
        ("grade_differs", "split", _("学生年级与所在班级不同，按学生年级升，暂不编班。"), _("可先应用")),
        ("no_class", "group", _("在校但没有行政班，只升年级，不编班。"), _("可先应用")),
    ):
        if count := kinds.get(kind, 0):
            title = _("%(kind)s %(n)s 人") % {"kind": NoteKind(kind).label, "n": number(count)}
            tone = "coral" if kind in ("no_central", "grade_unknown") else "amber"
            made.append((icon, tone, title, text, tag, tone, _("看名单"), _pupils_href(kind, year, node)))
    if totals.heads_missing:
        made.append(("teacher", "amber", _("班主任空缺 %(n)s 班") % {"n": number(totals.heads_missing)},
                     _("升级后沿用原班主任；这些班没有班主任，或已离任、调校。任课不沿用。"), _("可先应用"), "amber", "", ""))  # fmt: skip
    if count := kinds.get("decided", 0):
        made.append(("check-circle", "green", _("已由人决定 %(n)s 人") % {"n": number(count)},
                     _("复学、跳级和高中留级，按登记的年级办理。"), _("按决定办理"), "green", _("看名单"),
                     _pupils_href("decided", year, node)))  # fmt: skip
    return made


def run_shown(run: RolloverRun | None) -> dict[str, Any] | None:
    """A run under way with how far it is, or the sentence of the last one."""
    if run is None:
        return None
    is_running = run.state in (RunState.WAITING, RunState.RUNNING)
    text = _("%(kind)s：已完成 %(done)s 所，共 %(total)s 所") % {
        "kind": run.get_kind_display(),
        "done": run.done,
        "total": run.total or "…",
    }
    return {"run": run, "is_running": is_running, "text": text, "failed": run.state == RunState.FAILED,
            "message": run.result.get("message", "")}  # fmt: skip


def window_of(rollover: Rollover, totals: Totals) -> dict[str, Any]:
    """The undo window as a share of the time from applying to locking."""
    begun, ends = totals.applied_at, rollover.locks_at
    share = 0
    if begun and ends > begun:
        share = min(100, max(0, round(100 * (clock.now() - begun) / (ends - begun))))
    return {"share": share, "locked": is_locked(rollover), "locked_by": rollover.locked_by}
