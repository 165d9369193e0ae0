"""What the pages of an import show: values ready for the templates."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lingqu.kernel.files import text_of_size

from .. import selectors
from ..models import Import
from ..reading.limits import refusal_again
from ..reports import severity_names
from ..rules import title_of, told_again
from ..selectors import FindingFilter
from ..services import fixing
from ..types import BLOCK, HINT, REVIEW

VIEWS = ("", "rule", "who")
"""The findings row by row, by rule, by the organisation that must fix them."""
MOST_SHARES = 500
RUNNING = frozenset({"uploaded", "reading", "applying"})
TONES = {BLOCK: "coral", REVIEW: "amber", HINT: ""}
STATE_TONES = {
    "uploaded": "", "reading": "brand", "mapping": "amber", "checked": "amber", "applying": "brand", "applied": "green",
    "refused": "coral", "cancelled": "", "withdrawn": "",
}  # fmt: skip


def entity_name(kind: str) -> str:
    """A kind of entity in the counts, in words."""
    names = {
        "organisations": _("机构"), "sessions": _("学期"), "courses": _("课程"), "classes": _("班级"), "people": _("人员"),
        "enrolments": _("就读"), "appointments": _("任职"), "guardianships": _("监护关系"), "memberships": _("班级成员与任课"),
        "accounts": _("账号"), "attributes": _("学生属性"), "numbers": _("其他平台号码"),
    }  # fmt: skip
    return names.get(kind, kind)


def state_name(state: str) -> str:
    names = {
        "uploaded": _("已上传"), "reading": _("识别中"), "mapping": _("待对应列"), "checked": _("已校验"), "applying": _("写入中"),
        "applied": _("已完成"), "refused": _("无法使用"), "cancelled": _("已取消"), "withdrawn": _("已撤回"),
    }  # fmt: skip
    return names.get(state, state)


def title(record: Import) -> str:
    """The first file's name without its ending."""
    files = list(record.files.all())
    return files[0].name.rsplit("/", 1)[-1].rsplit(".", 1)[0] if files else _("名册导入")


def show_in_list(record: Import) -> dict[str, Any]:
    counts = record.counts
    return {
        "number": record.number, "title": title(record), "organisation": record.organisation.name,
        "state": state_name(record.state),
        "tone": STATE_TONES.get(record.state, ""), "created_at": record.created_at, "created_by": record.created_by,
        "rows": counts.get("rows", 0), "rejected": counts.get("rejected", 0),
        "waits": record.state in selectors.WAITING,
    }  # fmt: skip


def show_import(record: Import, *, wanted: FindingFilter, by: str, cursor: str, may_run: bool) -> dict[str, Any]:
    """Everything of one import for its page."""
    counts = record.counts
    severities = selectors.count_severities(record)
    rows = int(counts.get("rows", 0))
    blocked = min(rows, int(counts.get("rejected", 0)))
    review = min(rows - blocked, int(counts.get("rows_with", {}).get(REVIEW, 0)))
    shown = {
        "record": record, "title": title(record), "state": record.state, "state_name": state_name(record.state),
        "tone": STATE_TONES.get(record.state, ""), "is_running": record.state in RUNNING, "may_run": may_run,
        "files": [{"name": f.name.rsplit("/", 1)[-1], "size": text_of_size(f.size), "digest": f.digest[:8]} for f in record.files.all()],
        "rows": rows, "blocked": blocked, "review": review, "clean": rows - blocked - review, "good": rows - blocked,
        "severities": severities, "quality": counts.get("quality", {}), "outcome": _outcome(record), "is_same": _is_same(record),
        "fixes": len(fixing.list_fixes(record)), "groups": _groups(record) if may_run else [],
        "sheets": len(counts.get("sheets", [])), "waiting": bool(record.options.get("waiting")),
        "steps": _steps(record, severities), "progress": _progress(record), "has_counts": bool(rows),
        "refusal": refusal_again(record.refusal), "removals": int(counts.get("proposed_removals", 0)), "suspects": int(counts.get("suspects", 0)),
    }  # fmt: skip
    return {**shown, **_findings(record, wanted, by=by if by in VIEWS else "", cursor=cursor, severities=severities)}


def _outcome(record: Import) -> list[dict[str, Any]]:
    """Created, updated and unchanged by kind, once something was written."""
    if record.state not in {"applying", "applied", "cancelled", "withdrawn"}:
        return []
    counts = record.counts
    kinds = dict.fromkeys(
        k for name in ("created", "updated", "unchanged") for k, n in counts.get(name, {}).items() if n
    )
    return [
        {
            "kind": entity_name(kind),
            **{name: counts.get(name, {}).get(kind, 0) for name in ("created", "updated", "unchanged")},
        }
        for kind in kinds
    ]


def _groups(record: Import) -> list[dict[str, Any]]:
    return [
        {
            "title": title_of(one.rule), "column": one.column, "value": one.value, "who": one.who, "rows": one.rows,
            "choices": [("", _("请选择")), *one.choices] if one.choices else [], "may_make": one.may_make, "rule": one.rule,
            "kind": one.kind, "field": one.field,
        }
        for one in fixing.list_groups(record)
    ]  # fmt: skip


def _is_same(record: Import) -> bool:
    """Whether the files said nothing that the register did not know."""
    counts = record.counts
    written = sum(sum(counts.get(name, {}).values()) for name in ("created", "updated"))
    return record.state == "applied" and not written


def _progress(record: Import) -> dict[str, Any]:
    if record.state == "applying" and record.chunks:
        text = _("正在写入第 %(done)d 批，共 %(of)d 批") % {
            "done": min(record.chunks_done + 1, record.chunks),
            "of": record.chunks,
        }
        return {"text": text, "value": record.chunks_done, "total": record.chunks}
    if record.options.get("waiting"):
        return {"text": _("另一个导入正在写入，本次导入排队等待"), "value": 0, "total": None}
    return {"text": _("正在读取和校验文件"), "value": 0, "total": None}


def _steps(record: Import, severities: dict[str, int]) -> list[dict[str, str]]:
    reached = {
        "uploaded": 1, "reading": 1, "refused": 1, "mapping": 1, "checked": 2 if severities[BLOCK] else 3, "applying": 4,
        "applied": 5, "withdrawn": 5,
    }.get(record.state, 4 if record.chunks_done else 3 if record.counts.get("rows") else 1)  # fmt: skip
    files = record.files.count()
    sheets = record.counts.get("sheets", [])
    columns = sum(len([h for h in sheet["headings"] if h]) for sheet in sheets)
    mapped = sum(len([c for c in sheet["columns"] if c]) for sheet in sheets)
    found = sum(severities.values())
    notes = [
        ngettext("%(n)d 个文件", "%(n)d 个文件", files) % {"n": files},
        _("%(columns)d 列对应 %(mapped)d 列") % {"columns": columns, "mapped": mapped}
        if sheets
        else _recognised(record),
        _("发现 %(n)d 处问题") % {"n": found} if record.counts.get("rows") else _("等待识别"),
        _("核对新增与变更") if reached < 4 else _("已确认"),
        state_name(record.state) if reached >= 4 else _("写入并开通账号"),
    ]
    labels = [_("上传"), _("识别"), _("校验"), _("确认"), _("完成")]
    return [
        {"label": label, "note": note, "state": "done" if at < reached else "current" if at == reached else "next"}
        for at, (label, note) in enumerate(zip(labels, notes, strict=True))
    ]


def _recognised(record: Import) -> str:
    if record.state == "refused":
        return _("无法使用")
    return _("OneRoster 文件组") if record.kind == "oneroster" and record.counts.get("rows") else _("识别中")


def _findings(
    record: Import, wanted: FindingFilter, *, by: str, cursor: str, severities: dict[str, int]
) -> dict[str, Any]:
    query = {
        "severity": wanted.severity, "rule": wanted.rule, "field": wanted.field, "sheet": wanted.sheet,
        "who": wanted.who, "row": str(wanted.row or ""), "q": wanted.text, "by": by,
    }  # fmt: skip
    names = severity_names()
    page = None if by else selectors.list_findings(owner=record, wanted=wanted, cursor=cursor)
    rules = selectors.list_rules(owner=record)
    shares = selectors.list_responsible(owner=record)
    exact = record.counts.get("rules", {})
    sheets = [
        (f"{s['file']}|{s['sheet']}", f"{s['file']} {s['sheet']}".strip())
        for s in record.counts.get("sheets", [])[:200]
    ]
    return {
        "query": query, "by": by, "views": _views(record, by), "page": page, "shares": shares[:MOST_SHARES], "shared_by": len(shares), "found": sum(severities.values()),
        "listed": [_shown(f, names) for f in page] if page else [],
        "rules": [
            {"rule": r["rule"], "title": title_of(r["rule"]), "severity": names.get(r["severity"], r["severity"]),
             "tone": TONES.get(r["severity"], ""), "count": max(r["count"], int(exact.get(r["rule"], 0)))}
            for r in rules
        ],
        "rule_choices": [("", _("全部规则")), *((r["rule"], title_of(r["rule"])) for r in rules)],
        "who_choices": [("", _("全部单位")), *((share.who, share.who) for share in shares[:MOST_SHARES])],
        "field_choices": [("", _("全部列")), *selectors.list_fields(owner=record)],
        "sheet_choices": [("", _("全部文件")), *sheets],
        "severity_choices": [
            _choice(value, label, count, wanted.severity, query)
            for value, label, count in (
                ("", _("全部"), sum(severities.values())),
                *((s, names[s], severities[s]) for s in (BLOCK, REVIEW, HINT)),
            )
        ],
    }  # fmt: skip


def _views(record: Import, by: str) -> list[dict[str, Any]]:
    names = {"": _("按行"), "rule": _("按规则"), "who": _("按单位")}
    address = reverse("intake:import", args=[record.number])
    return [
        {"label": names[view], "href": address + (f"?by={view}" if view else "") + "#findings", "current": view == by}
        for view in VIEWS
    ]


def _choice(value: str, label: str, count: int, chosen: str, query: dict[str, str]) -> dict[str, Any]:
    """A severity to choose; the chosen one takes itself away again."""
    is_chosen = value == chosen
    wanted = {**query, "severity": "" if is_chosen else value}
    state = "" if not is_chosen else "chosen" if value else "all"
    href = "?" + urlencode({name: text for name, text in wanted.items() if text}) + "#findings"
    return {"label": label, "count": count, "state": state, "href": href}


def _shown(finding: Any, names: dict[str, str]) -> dict[str, Any]:
    return {
        "row": finding.row or "", "place": " · ".join(part for part in (finding.file, finding.sheet) if part),
        "column": finding.column, "value": finding.value, "code": finding.severity, "severity": names.get(finding.severity, finding.severity),
        "tone": TONES.get(finding.severity, ""), "title": title_of(finding.rule), "message": told_again(finding.rule, finding.message),
        "responsible": finding.responsible,
    }  # fmt: skip
