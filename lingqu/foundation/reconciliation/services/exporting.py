"""The work list as a workbook: one sheet for each who must act, identifiers masked, nothing that can act as a formula."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db.models import Q
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import TooLarge
from lingqu.kernel.language import labelled
from lingqu.kernel.spreadsheets import harmless

from .. import policies
from ..models import Case, FileEntry, Run
from ..selectors.cases import EVERYTHING, Wanted, narrowed
from ..types.words import Bucket, CaseState, Cause, Handling

MOST_CASES = 50_000
MOST_SHEETS = 200
WIDTHS = (12, 24, 24, 12, 30, 18, 18, 10, 30, 12, 12, 30, 14)


def export_cases(*, actor: Actor, path: str, target: Path, wanted: Wanted = EVERYTHING) -> int:
    """Write what a place is shown, open cases unless others are asked for; returns how many. Audited. Raises
    :class:`TooLarge` above 50,000."""
    policies.require_view(actor, path)
    rows = narrowed(Case.objects.filter(Q(path__within=path) | Q(other_path__within=path)), wanted)
    joined = rows.select_related("school", "other_school", "owner").order_by("owner_path", "name_key", "id")
    cases = list(joined[: MOST_CASES + 1])
    if len(cases) > MOST_CASES:
        raise TooLarge(_("派单表超过 %(n)d 行，请按县区或类别导出。") % {"n": MOST_CASES})
    _write(target, cases)
    audit.record(actor, "reconciliation.exported", subject_kind="reconciliation", path=path,
                 data={"rows": len(cases), "bucket": wanted.bucket, "cause": wanted.cause})  # fmt: skip
    return len(cases)


def _write(target: Path, cases: list[Case]) -> None:
    by_owner: dict[Any, list[Case]] = defaultdict(list)
    for case in cases:
        by_owner[case.owner_id].append(case)
    contacts = registry.contacts_of({case.owner for case in cases})
    shown = _numbers(cases)
    book = xlsxwriter.Workbook(
        str(target), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold = book.add_format({"bold": True})
    owners = list(by_owner.items())
    for position, (owner_id, held) in enumerate(owners[:MOST_SHEETS], start=1):
        rest = [case for _id, more in owners[MOST_SHEETS:] for case in more] if position == MOST_SHEETS else []
        sheet = book.add_worksheet(f"{position}")
        contact = contacts.get(owner_id)
        title = " · ".join(filter(None, (contact.organisation, contact.name, contact.phone))) if contact else ""
        sheet.write_string(0, 0, harmless(labelled(_("由谁办"), title)), bold)
        _fill(sheet, [*held, *rest], shown, contacts, bold)
    if not owners:
        book.add_worksheet("1").write_string(0, 0, _("没有待办的不一致。"))
    book.close()


def _numbers(cases: list[Case]) -> dict[Any, tuple[str, str]]:
    files = Run.objects.filter(id__in={case.last_run_id for case in cases}).values_list("file_id", flat=True)
    rows = FileEntry.objects.filter(file_id__in=list(files), group_key__in=[case.key for case in cases])
    return {key: (number, id_number) for key, number, id_number in
            rows.order_by("-id").values_list("group_key", "number_shown", "id_shown")}  # fmt: skip


def _fill(
    sheet: Any, cases: list[Case], shown: dict[Any, tuple[str, str]], contacts: dict[Any, registry.Contact], bold: Any
) -> None:
    head = [_("姓名"), _("学校"), _("另一所学校"), _("类别"), _("原因"), _("学籍号"), _("证件号"), _("办法"), _("说明"),
            _("进展"), _("期限"), _("由谁办"), _("电话")]  # fmt: skip
    for column, (title, width) in enumerate(zip(head, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, title, bold)
    sheet.freeze_panes(2, 0)
    for row, case in enumerate(cases, start=2):
        number, id_number = shown.get(case.key, ("", ""))
        cells = (
            case.name or case.detail, case.school.name, case.other_school.name if case.other_school else "",
            Bucket(case.bucket).label, Cause(case.cause).label, number, id_number,
            Handling(case.handling).label if case.handling else "", case.note, CaseState(case.state).label,
            case.due_on.isoformat(), " ".join(filter(None, (case.owner.name, contacts[case.owner_id].name))),
            contacts[case.owner_id].phone,
        )  # fmt: skip
        for column, text in enumerate(cells):
            sheet.write_string(row, column, harmless(str(text)))
