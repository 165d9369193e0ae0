"""Confirming what the columns of a sheet mean, and remembering it for the next file with the same headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Invalid, NotFound
from lingqu.kernel.language import listed

from .. import policies
from ..applying.services import start_import
from ..mapping import columns_of, kinds, required_missing
from ..mapping.headings import FAMILY
from ..models import Import, SavedMapping

CHANGEABLE = ("mapping", "checked", "uploaded")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetChoice:
    """What a person says of the sheets with one set of headings. ``kind`` "" = leave these sheets out."""

    digest: str
    kind: str
    columns: tuple[str, ...]


@transaction.atomic
def confirm_mapping(*, actor: Actor, number: str, choices: Sequence[SheetChoice]) -> Import:
    """Keep the mapping for the import and its place, and read the files again. Raises :class:`Invalid` naming what is
    missing, :class:`Conflict` when the import has moved on."""
    record = Import.objects.select_for_update().filter(number=number).first()
    if record is None:
        raise NotFound()
    require(policies.may_run(actor, str(record.path)))
    if record.state not in CHANGEABLE:
        raise Conflict(_("这次导入已经开始写入或结束，不能再改列对应。"))
    sheets = {sheet["digest"]: sheet for sheet in record.counts.get("sheets", [])}
    for choice in choices:
        _check(choice, sheets)
    for choice in choices:
        SavedMapping.objects.update_or_create(
            headings_hash=choice.digest, path=record.path,
            defaults={"kind": choice.kind, "columns": list(choice.columns), "confirmed_by": actor.name},
        )  # fmt: skip
    record.mapping = {**record.mapping, **{c.digest: {"kind": c.kind, "columns": list(c.columns)} for c in choices}}
    record.state = "uploaded"
    record.save(update_fields=["mapping", "state"])
    audit.record(
        actor, "intake.mapping.confirmed", subject_kind="import", subject_id=number, path=str(record.path),
        data={"sheets": len(choices)},
    )  # fmt: skip
    return start_import(actor=actor, number=number, apply=False)


def _check(choice: SheetChoice, sheets: Mapping[str, Mapping[str, list[str]]]) -> None:
    sheet = sheets.get(choice.digest)
    if sheet is None or len(choice.columns) != len(sheet["headings"]):
        raise Conflict(_("文件的表头变了，请刷新后重新对应。"))
    if not choice.kind:
        return
    if choice.kind not in kinds():
        raise Invalid(_("请选择这张表是哪种名册。"))
    known = columns_of(choice.kind)
    unknown = [
        c for c in choice.columns if c and c not in known and not (choice.kind == "students" and c.startswith(FAMILY))
    ]
    if unknown:
        raise Invalid(_("有一列的对应项目不存在，请重新选择。"))
    for column in set(choice.columns) - {""}:
        if choice.columns.count(column) > (2 if column.endswith(("_ref", ".school")) else 1):
            raise Invalid(_("“%(column)s”对应了两列，请只选一列。") % {"column": _name(choice.kind, column)})
    missing = required_missing(choice.kind, choice.columns)
    if missing:
        names = listed(_name(choice.kind, column) for column in missing)
        raise Invalid(_("还缺必需的列：%(names)s。") % {"names": names})


def _name(kind: str, column: str) -> str:
    found = columns_of(kind).get(column)
    return found.heading if found else column
