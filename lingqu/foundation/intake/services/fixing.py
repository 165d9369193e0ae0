"""One decision for all rows that say the same wrong thing: what a value means. The stored files are then checked anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Invalid, NotFound

from ..checks.codes import Codes
from ..checks.values import SEVERAL
from ..mapping import columns_of
from ..models import Finding, Import
from ..types import CLASS_RULES, IMPORT_RUN, VALUE_RULES, Lookup

MOST_GROUPS, MOST_FIXES = 20, 500
NEW_CLASS = "*"
"""Choice: the class is one of its own and is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of one kind that say the same wrong thing. ``choices``: (value, label); empty: anything may be typed."""

    rule: str
    kind: str
    field: str
    column: str
    value: str
    who: str
    rows: int
    choices: tuple[tuple[str, str], ...]
    may_make: bool


def list_groups(record: Import) -> tuple[Group, ...]:
    """What can be settled at once, the most rows first: one statement, one more for classes. Only while checked files wait."""
    if not _can_fix(record):
        return ()
    names = ("rule", "kind", "field", "column", "value", "responsible")
    rows = Finding.objects.filter(owner=record, rule__in=CLASS_RULES | VALUE_RULES).exclude(value="")
    rows = rows.exclude(field__in=SEVERAL)
    found = rows.values(*names).annotate(rows=Count("id")).order_by("-rows", "value")
    merged: dict[tuple[str, ...], Group] = {}
    for row in found[: 5 * MOST_GROUPS]:
        who = row["responsible"] if row["rule"] in CLASS_RULES else ""
        key = (row["rule"], row["kind"], row["field"], row["value"], who)
        rows_so_far = merged[key].rows if key in merged else 0
        merged[key] = Group(
            rule=row["rule"], kind=row["kind"], field=row["field"], column=row["column"], value=row["value"], who=who,
            rows=rows_so_far + row["rows"], choices=_choices(row["kind"], row["field"], row["rule"]),
            may_make=row["rule"] == "class_unknown" and row["kind"] == "students",
        )  # fmt: skip
    return tuple(sorted(merged.values(), key=lambda group: -group.rows)[:MOST_GROUPS])


def _can_fix(record: Import) -> bool:
    return record.state == "checked" and record.kind == "roster" and not record.files.filter(stored="").exists()


def _choices(kind: str, field: str, rule: str) -> tuple[tuple[str, str], ...]:
    if rule in CLASS_RULES:
        return ()
    table = "sex" if rule == "sex_unknown" else columns_of(kind)[field].code_table if field in columns_of(kind) else ""
    lookup = Lookup(school_year="2000-2001", today=today(), codes=registry.code_names())
    return Codes(lookup).names(table) if table else ()


@transaction.atomic
def settle(*, actor: Actor, number: str, wanted: dict[str, str], meant: str) -> int:
    """Say what a group of rows means and check the files anew; returns how many rows it concerns.

    ``wanted`` names the group (rule, kind, field, value, who). Raises :class:`Conflict` when the import no longer waits,
    :class:`NotFound` for a group that is not there, :class:`Invalid` for a meaning that the table does not have.
    """
    record = Import.objects.select_for_update().filter(number=number).first()
    if record is None:
        raise NotFound()
    require(actor.holds(IMPORT_RUN, str(record.path)))
    if not _can_fix(record):
        raise Conflict(_("这次导入已经开始或结束。"))
    group = next((one for one in list_groups(record) if _names(one) == wanted), None)
    if group is None:
        raise NotFound(_("没有这样的一组问题。"))
    meant = _checked(group, meant.strip()[:60])
    kept = [one for one in record.options.get("fixes", []) if {k: one[k] for k in wanted} != wanted]
    if len(kept) >= MOST_FIXES:
        raise Conflict(_("一次导入最多改正 %(n)d 种写法，请改好文件再上传。") % {"n": MOST_FIXES})
    record.options = {**record.options, "fixes": [*kept, {**wanted, "meant": meant}], "dry_run": True}
    record.state = "uploaded"
    record.save(update_fields=["options", "state"])
    jobs.defer("intake.run_import_job", import_id=str(record.id), _lock="intake.import", _once=f"import:{record.id}")
    audit.record(
        actor, "intake.import.fixed", subject_kind="import", subject_id=number, path=str(record.path),
        data={"rule": group.rule, "field": group.field, "rows": group.rows},
    )  # fmt: skip
    return group.rows


def _names(group: Group) -> dict[str, str]:
    return {"rule": group.rule, "kind": group.kind, "field": group.field, "value": group.value, "who": group.who}


def _checked(group: Group, meant: str) -> str:
    told = _("请选择或填写这个写法的意思。")
    if group.may_make and meant == NEW_CLASS:
        return ""
    if not meant or (group.choices and meant not in dict(group.choices)) or (not group.choices and meant == NEW_CLASS):
        raise Invalid(told, details={"meant": told})
    return meant


def list_fixes(record: Import) -> Sequence[dict[str, Any]]:
    """What has been settled in this import so far."""
    return tuple(record.options.get("fixes", ()))
