"""Words of the pages: tiles, equation, progress, both records, how a case ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.ui.figures import day, moment, number, short_day

from ..models import Case, Run
from ..selectors.boards import Board, States
from ..selectors.cases import Side
from ..services.deadlines import Deadlines, region_of
from ..types.words import MISMATCHED, SUGGESTED, Assignee, Bucket, CaseState, Cause, Handling


def short_causes() -> dict[str, str]:
    return {
        Cause.UNKNOWN_HERE: _("空挂"), Cause.NOT_SITTING: _("外出"), Cause.ELSEWHERE: _("人籍分离"), Cause.TO_ADD: _("补建"),
        Cause.GUEST: _("借读"), Cause.NEVER_CAME: _("未入学"), Cause.UNREADABLE: _("读不出"), Cause.ID_WRONG: _("错号"),
        Cause.NAME_DIFFERS: _("不符"), Cause.TWIN: _("无证重复"), Cause.ID_MISSING: _("缺号"),
        Cause.BACK_UNREPORTED: _("已返校"), Cause.LEAVE_ENDED: _("未返校"), Cause.WHERE_UNKNOWN: _("去向不明"),
        Cause.RAISED_ELSEWHERE: _("已升学"), Cause.TWICE_HERE: _("同校"), Cause.TWICE_COUNTY: _("同县区"),
        Cause.TWICE_BEYOND: _("跨县区"),
    }  # fmt: skip


def address(query: Mapping[str, str], **changes: str) -> str:
    merged = {key: value for key, value in {**query, **changes}.items() if value}
    return reverse("reconciliation:board") + ("?" + urlencode(merged) if merged else "")


def export_address(query: Mapping[str, str]) -> str:
    """The workbook of what the filters show."""
    filters = {name: value for name, value in query.items() if value and name not in ("case", "cursor")}
    return reverse("reconciliation:export") + ("?" + urlencode(filters) if filters else "")


def tiles(board: Board, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """The buckets: how many, and the two commonest causes."""
    names, made = short_causes(), []
    for bucket in Bucket:
        sums = board.sums[bucket]
        causes = sorted(((n, names[c]) for c, n in sums.causes.items() if n and c in names), reverse=True)[:2]
        note = " · ".join(f"{name} {number(n)}" for n, name in causes)
        value = sums.people if bucket == Bucket.AGREED else sums.cases
        if bucket == Bucket.AGREED:
            note = _("不用处理")
        elif bucket == Bucket.SEVERAL:
            note = _("%(n)s 条记录") % {"n": number(sums.entries)}
        made.append({
            "value": value, "label": bucket.label, "note": note, "current": query["bucket"] == bucket,
            "href": address(query, bucket="" if bucket == Bucket.AGREED else bucket, cause="", state="", cursor="", case=""),
        })  # fmt: skip
    return made


def equation(board: Board) -> str:
    """文件 68,358 条 = 一致 68,214 + …。就读 68,369 人 = …。 Both sides come from the same figures."""

    def side(name: str) -> str:
        return " + ".join(f"{Bucket(bucket).label} {number(n)}" for bucket, n in board.terms(name))

    text = _("文件 %(rows)s 条 = %(left)s。就读 %(people)s 人 = %(right)s。") % {
        "rows": number(board.entries), "left": side("entries"), "people": number(board.people), "right": side("people"),
    }  # fmt: skip
    if board.listed:
        never = board.sums[Bucket.NO_ENTRY].causes.get(Cause.NEVER_CAME, 0)
        text += _("适龄儿童 %(n)s 人 = 已有学籍或就读 %(found)s + 未入学 %(never)s。") % {
            "n": number(board.listed), "found": number(board.listed - never), "never": number(never),
        }  # fmt: skip
    return text


def chips(states: Mapping[str, int], query: Mapping[str, str]) -> list[dict[str, Any]]:
    names = (("", _("全部"), "all"), ("todo", _("待办"), "todo"), ("done", _("已办，待核销"), "done"), ("late", _("逾期"), "late"),
             ("closed", _("已核销"), "closed"))  # fmt: skip
    return [
        {"label": label, "count": number(states[key]), "href": address(query, state=code, cursor="", case=""),
         "state": "all" if query["state"] == code else ""}
        for code, label, key in names
    ]  # fmt: skip


def causes(states: States, query: Mapping[str, str]) -> list[dict[str, Any]]:
    """Chips of the causes of a bucket; none where there is only one."""
    if len(states.causes) < 2:
        return []
    names = short_causes()
    return [
        {"label": names.get(cause, str(Cause(cause).label)), "count": number(n), "state": "chosen" if cause == query["cause"] else "",
         "href": address(query, cause="" if cause == query["cause"] else cause, cursor="", case="")}
        for cause, n in sorted(states.causes.items(), key=lambda one: -one[1])
    ]  # fmt: skip


def days_left(case: Case, deadlines: Deadlines) -> int:
    """Working days of the owner's region until a case is due; negative when it is late."""
    return deadlines.left(clock.today(), case.due_on, region_of(case.owner.kind, str(case.owner_path)))


def progress(case: Case, deadlines: Deadlines) -> tuple[str, str]:
    """The state in words and its tone: who is waited for, or how many working days it is late."""
    if case.state == CaseState.CLOSED:
        return _("%(day)s 核销") % {"day": day(case.closed_on)}, ""
    if case.state == CaseState.DONE:
        return _("已办，待核销"), "green"
    if case.due_on < clock.today():
        return _("逾 %(n)d 天") % {"n": max(1, -days_left(case, deadlines))}, "coral"
    if case.owner.kind in ("region", "bureau"):
        return _("待%(who)s办") % {"who": case.owner.short_name or case.owner.name}, "amber"
    return _("待学校办"), "amber"


def case_row(
    case: Any, classes: Mapping[UUID, str], contacts: Mapping[UUID, registry.Contact], deadlines: Deadlines,
    query: Mapping[str, str],
) -> dict[str, Any]:  # fmt: skip
    contact = contacts.get(case.owner_id)
    text, tone = progress(case, deadlines)
    group = classes.get(case.person_id, "") if case.person_id else ""
    handling = case.handling or SUGGESTED.get(case.cause, "")
    return {
        "case": case, "name": case.name or _("读不出的一行"), "place": " ".join(filter(None, (case.school.name, group))),
        "cause": cause_text(case), "owner": case.owner.name, "person": contact.name if contact else "",
        "phone": contact.phone if contact else "", "handling": Handling(handling).label if handling else "",
        "is_chosen": bool(case.handling), "progress": text, "tone": tone, "bucket": Bucket(case.bucket).label,
        "reminded": short_day(case.reminded_at.astimezone(clock.ZONE).date()) if case.reminded_at else "",
        "href": address(query, case=str(case.id)) + "#case",
    }  # fmt: skip


def cause_text(case: Case) -> str:
    text = str(Cause(case.cause).label)
    if case.other_school is not None and case.cause in (
        Cause.ELSEWHERE,
        Cause.TWICE_COUNTY,
        Cause.TWICE_BEYOND,
        Cause.RAISED_ELSEWHERE,
    ):
        return _("%(cause)s：%(school)s") % {"cause": text, "school": case.other_school.name}
    return text


def compare(sides: tuple[Side, ...]) -> list[dict[str, Any]]:
    """Rows of the comparison; a value that differs from the first record is marked."""
    sexes = {"1": _("男"), "2": _("女")}
    attendances = dict(_attendance())

    def shown(side: Side) -> list[str]:
        state = (
            attendances.get(side.attendance, "") if side.kind == "seat" else registry.code_label("XSDQZT", side.state)
        )
        grade = registry.grade_label(side.grade) if side.grade else ""
        return [side.name, sexes.get(side.sex, ""), side.number, side.id_number, side.birth, str(state), str(grade),
                day(side.since) if side.since else ""]  # fmt: skip

    labels = [_("姓名"), _("性别"), _("学籍号"), _("证件号"), _("出生日期"), _("状态"), _("年级"), _("起始日期")]
    columns = [shown(side) for side in sides]
    compared = {0, 1, 3, 4, 6}
    return [
        {"label": label, "cells": [
            {"text": column[row] or "—", "differs": row in compared and position > 0 and bool(column[row]) and bool(columns[0][row])
             and column[row] != columns[0][row]} for position, column in enumerate(columns)]}
        for row, label in enumerate(labels)
    ]  # fmt: skip


def heads(sides: tuple[Side, ...]) -> list[dict[str, str]]:
    """Column headings of the comparison: the school, and what it has of the child."""
    kinds = {"seat": _("人在这里"), "entry": _("学籍在这里")}
    return [{"label": " · ".join(filter(None, (side.school, kinds.get(side.kind, ""))))} for side in sides]


def _attendance() -> tuple[tuple[str, str], ...]:
    return (("registered", _("在籍在读")), ("absent", _("有籍不在读")), ("guest", _("无籍借读")), ("home_taught", _("送教上门")),
            ("exchange", _("交流")))  # fmt: skip


def advice(case: Case) -> str:
    """What the usual handling means in the national system; nothing is done there from here."""
    texts = {
        Handling.EVIDENCE: _("两边各自上传证明，在国家系统提交佐证。"),
        Handling.CHANGE: _("在国家系统办理变更申请，附户口簿等材料。"),
        Handling.DELETE: _("在国家系统申请删除多余的记录，另一方出具在读证明。"),
        Handling.CREATE: _("在国家系统为孩子补建学籍。"),
        Handling.TRANSFER: _("由转入学校在国家系统发起转学，每个环节 10 个工作日。"),
        Handling.PERSUADE: _("联系家长劝返，并记录联系经过。"),
    }
    chosen = case.handling or SUGGESTED.get(case.cause, Handling.EVIDENCE)
    return f"{texts[Handling(chosen)]}{_('这里不改学籍。')}"


def assignees(case: Case) -> list[tuple[str, str]]:
    """To whom a case can be given instead, with the name where it is known."""
    found = [(Assignee.SCHOOL, case.school), (Assignee.OTHER, case.other_school)]
    named = [(str(key), one.name) for key, one in found if one is not None and one.id != case.owner_id]
    return [
        *named,
        *([] if case.owner.kind in ("region", "bureau") else [(str(Assignee.COUNTY), str(Assignee.COUNTY.label))]),
    ]


def steps(case: Case, deadlines: Deadlines) -> list[dict[str, Any]]:
    """怎样算结束: answered here, done in the national system, closed by the next file."""
    answered = case.answered_at is not None
    done = case.state in (CaseState.DONE, CaseState.CLOSED)
    left = days_left(case, deadlines)
    limit = _("期限 %(day)s · 剩 %(n)d 个工作日") if left >= 0 else _("期限 %(day)s · 已逾 %(n)d 个工作日")
    handling = Handling(case.handling).label if case.handling else _("办理")
    return [
        {"title": _("选定办法，提交佐证"), "icon": "check" if answered else "clock", "tone": "green" if answered else "amber",
         "meta": f"{moment(case.answered_at)} · {case.answered_by}" if answered else _("还没有人答复"), "date": None},
        {"title": _("%(who)s在国家系统%(what)s") % {"who": case.owner.name, "what": handling},
         "icon": "check" if done else "clock", "tone": "green" if done else "amber",
         "meta": _("已报办结") if done else limit % {"day": day(case.due_on), "n": abs(left)}, "date": None},
        {"title": _("下一份国家文件一致时自动关闭"), "icon": "check" if case.state == CaseState.CLOSED else "file",
         "tone": "green" if case.state == CaseState.CLOSED else "",
         "meta": _("%(day)s 的文件已一致") % {"day": day(case.closed_on)} if case.closed_on else _("不能手工改为“已解决”"), "date": None},
    ]  # fmt: skip


def history_rows(runs: tuple[Run, ...]) -> list[dict[str, Any]]:
    return [
        {"day": day(run.as_of), "rows": number(run.rows), "mismatched": number(run.mismatched), "new": number(run.new_cases),
         "closed": "—" if run.closed_cases is None else number(run.closed_cases),
         "loaded": f"{moment(run.file.staged_at)} · {run.file.loaded_by}"}
        for run in runs
    ]  # fmt: skip


def known_cause(text: str) -> str:
    return text if text in Cause.values else ""


def usual_handling(case: Case) -> str:
    return case.handling or str(SUGGESTED.get(case.cause, Handling.EVIDENCE))


def known_bucket(text: str) -> str:
    return text if text in MISMATCHED else ""
