"""Lists that leave the platform: columns kept per account, small lists at once, large ones after another person's word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto, files, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.language import labelled, writing_to
from lingqu.ui.figures import moment

from ..documents.sheets import Group, Sheet, as_csv, as_pdf, as_xlsx
from ..models import ListExport, ListLayout
from ..selectors import listing
from ..types import rights
from ..types.grades import grade_label
from ..types.lists import (
    ATTRIBUTE,
    COLUMNS,
    FREE_PEOPLE,
    MOST_PEOPLE,
    MOST_PRINTED,
    REVEALED,
    ROLL_DAYS,
    ExportState,
    FileFormat,
    ListKind,
    ListPermit,
    ListRow,
    Scope,
)

MEDIA = {
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.CSV: "text/csv; charset=utf-8", FileFormat.PDF: "application/pdf",
}  # fmt: skip
MOST_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOrder:
    """What list somebody wants. ``is_clear``: guarded columns in clear, for the ``reason``."""

    kind: str
    columns: tuple[str, ...]
    file_format: str
    is_clear: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A file to hand over."""

    content: bytes
    name: str
    media_type: str


def save_layout(*, actor: Actor, kind: str, columns: Sequence[str]) -> None:
    """Keep an account's columns for a kind of list. Raises :class:`Invalid` for none and for unknown ones."""
    if actor.account_id is None:
        raise Forbidden()
    _require_known(kind, columns)
    ListLayout.objects.update_or_create(
        account_id=actor.account_id, kind=kind, defaults={"columns": list(columns), "changed_at": clock.now()}
    )


def order_list(*, actor: Actor, scope: Scope, order: ListOrder) -> tuple[ListExport, Made | None]:
    """Make a list now, or leave it waiting for another person if it holds more than ``FREE_PEOPLE``.

    Raises :class:`Forbidden` out of reach, :class:`Invalid` for columns, sizes and a missing reason. Each order is on
    the trail with its columns and its reason.
    """
    permit = listing.permit_of(actor, scope)
    account_id = actor.account_id
    if account_id is None or not permit.may_make:
        raise Forbidden()
    order = _checked(order, permit)
    people = listing.count_pupils(scope)
    _require_size(people, order)
    has_to_wait = people > FREE_PEOPLE
    told = {"account_id": str(actor.account_id), "person_id": str(actor.person_id or ""), "role": actor.role}
    with transaction.atomic():
        export = ListExport.objects.create(
            kind=order.kind, organisation_id=scope.organisation_id, path=scope.path, class_group_id=scope.class_id,
            grade=scope.grade, title=title_of(scope, order.kind), columns=list(order.columns),
            file_format=order.file_format, is_clear=order.is_clear, reason=order.reason, people=people, actor=told,
            state=ExportState.WAITING if has_to_wait else ExportState.TAKEN, made_by=account_id,
            made_by_name=actor.name, ready_at=None if has_to_wait else clock.now(),
        )  # fmt: skip
        _trace(actor, "registry.list.requested" if has_to_wait else "registry.list.exported", export)
        if has_to_wait:
            return export, None
        return export, Made(
            content=_content(export, scope), name=_file_name(export), media_type=MEDIA[FileFormat(export.file_format)]
        )


@transaction.atomic
def decide_export(*, actor: Actor, export_id: UUID, is_approved: bool, note: str) -> ListExport:
    """Approve or refuse what somebody else asked for; an approved list is made by a job.

    Raises :class:`Forbidden` without the right at the place and for one's own order, under whatever account.
    """
    export = ListExport.objects.select_for_update().filter(id=export_id).first()
    if export is None or not actor.holds(rights.EXPORT_APPROVE, str(export.path)) or is_own(actor, export):
        raise Forbidden()
    if export.state != ExportState.WAITING:
        raise Conflict(_("这份名单已经处理过。"), code="export_decided")
    if not is_approved and not note.strip():
        raise Invalid(_("请写明不批准的原因。"), code="reason_missing", details={"note": _("请写明不批准的原因。")})
    export.state = ExportState.MAKING if is_approved else ExportState.REFUSED
    export.decided_by, export.decided_by_name = actor.account_id, actor.name
    export.decision, export.decided_at = note.strip()[:200], clock.now()
    export.save(update_fields=["state", "decided_by", "decided_by_name", "decision", "decided_at"])
    _trace(actor, "registry.list.approved" if is_approved else "registry.list.refused", export)
    if is_approved:
        jobs.defer("registry.make_list_export", export_id=str(export.id))
    return export


def make_export(export_id: UUID) -> None:
    """Write the sealed file of an approved list; a second run writes it anew."""
    export = ListExport.objects.select_related("organisation", "class_group").filter(id=export_id).first()
    if export is None or export.state != ExportState.MAKING:
        return
    scope = listing.scope_from(export.organisation, export.class_group, export.grade)
    with writing_to():
        content = _content(export, scope)
    stored = files.put(crypto.seal(content, str(export.id).encode()), max_bytes=MOST_BYTES, is_own=True)
    ListExport.objects.filter(id=export_id, state=ExportState.MAKING).update(
        state=ExportState.READY, digest=stored.digest, ready_at=clock.now()
    )


def take_export(*, actor: Actor, export_id: UUID) -> Made:
    """The file of an approved list, for the account that asked and still may; each download is on the trail."""
    export = ListExport.objects.select_related("organisation", "class_group").filter(id=export_id).first()
    if export is None or export.made_by != actor.account_id:
        raise Forbidden()
    permit = listing.permit_of(actor, listing.scope_from(export.organisation, export.class_group, export.grade))
    require(permit.may_make and (permit.may_reveal or not _has(export.columns, REVEALED) or not export.is_clear))
    require(permit.may_see_attributes or not _has(export.columns, ATTRIBUTE))
    if export.state != ExportState.READY:
        raise Conflict(_("这份名单还不能下载。"), code="export_not_ready")
    try:
        with files.open_file(export.digest) as source:
            content = crypto.unseal(source.read(), str(export.id).encode())
    except NotFound as error:
        raise Conflict(_("文件只保存一天，请重新申请。"), code="export_gone") from error
    _trace(actor, "registry.list.downloaded", export)
    return Made(content=content, name=_file_name(export), media_type=MEDIA[FileFormat(export.file_format)])


def is_own(actor: Actor, export: ListExport) -> bool:
    """Whether the actor asked for it, under this account or another one of the same person."""
    asked = str(export.actor.get("person_id", ""))
    return export.made_by == actor.account_id or (bool(asked) and asked == str(actor.person_id or ""))


def title_of(scope: Scope, kind: str) -> str:
    """``第三中学 八（3）班 花名册``."""
    part = scope.class_name or (grade_label(scope.grade) if scope.grade else "")
    return " ".join(filter(None, (scope.name, part, str(ListKind(kind).label))))


def _require_known(kind: str, columns: Sequence[str]) -> None:
    if kind not in ListKind.values:
        raise Invalid(_("没有这种名单。"), code="unknown_list")
    if not columns:
        raise Invalid(_("请至少选一列。"), code="columns_missing", details={"columns": _("请至少选一列。")})
    if len(set(columns)) != len(columns) or not set(columns) <= set(COLUMNS):
        raise Invalid(_("选中的列有误，请重新选择。"), code="unknown_column")


def _has(columns: Sequence[str], guard: str) -> bool:
    return any(COLUMNS[code].guard == guard for code in columns)


def _checked(order: ListOrder, permit: ListPermit) -> ListOrder:
    """The order with only as much in clear as was asked for and may be."""
    _require_known(order.kind, order.columns)
    if order.file_format not in FileFormat.values:
        raise Invalid(_("请选择文件格式。"), code="unknown_format")
    if not set(order.columns) <= {column.code for column in permit.columns()}:
        raise Forbidden(_("无权导出学生属性。"))
    has_values, has_attributes = _has(order.columns, REVEALED), _has(order.columns, ATTRIBUTE)
    if order.is_clear and has_values and not permit.may_reveal:
        raise Forbidden(_("无权导出完整的敏感信息。"))
    if has_attributes and not order.is_clear:
        told = _("含学生属性的名单须勾选“显示完整值”并写明用途。")
        raise Invalid(told, code="clear_missing", details={"is_clear": told})
    is_clear = order.is_clear and (has_values or has_attributes)
    if is_clear and not order.reason.strip():
        raise Invalid(_("请写明用途。"), code="reason_missing", details={"reason": _("请写明用途。")})
    return replace(order, is_clear=is_clear, reason=order.reason.strip()[:200])


def _require_size(people: int, order: ListOrder) -> None:
    if not people:
        raise Invalid(_("这里还没有学生，没有可导出的名单。"), code="list_empty")
    most = MOST_PRINTED if order.file_format == FileFormat.PDF else MOST_PEOPLE
    if people > most:
        told = _("一份最多 %(most)d 人，现在是 %(people)d 人，请缩小范围或换一种格式。") % {
            "most": most,
            "people": people,
        }
        raise Invalid(told, code="list_too_long")


def _content(export: ListExport, scope: Scope) -> bytes:
    sheet = _sheet(export)
    rows = listing.list_rows(scope, export.columns, is_clear=export.is_clear)
    if export.file_format == FileFormat.PDF:
        return as_pdf(sheet, _groups(export, scope, rows))
    blank = ("",) * (len(sheet.head) - len(export.columns))
    cells = ((*row.cells, *blank) for row in rows)
    return as_xlsx(sheet, cells) if export.file_format == FileFormat.XLSX else as_csv(sheet, cells)


def _sheet(export: ListExport) -> Sheet:
    columns = [COLUMNS[code] for code in export.columns]
    days = [str(number) for number in range(1, ROLL_DAYS + 1)] if export.kind == ListKind.ROLL_CALL else []
    return Sheet(
        title=export.title, organisation=export.organisation.name,
        has_seals=export.kind != ListKind.ROLL_CALL, mark=f"{export.made_by_name} {moment(export.created_at)}",
        head=(*(str(column.label) for column in columns), *days),
        weights=(*(column.weight for column in columns), *(1 for _day in days)),
    )  # fmt: skip


def _groups(export: ListExport, scope: Scope, rows: Iterator[ListRow]) -> list[Group]:
    """Classes in their order, each with its head teachers and its count; 点名册 gets its empty squares."""
    heads = listing.heads_by_group(scope)
    blank = ("",) * (ROLL_DAYS if export.kind == ListKind.ROLL_CALL else 0)
    made = []
    for (school, name), inside in groupby(rows, key=lambda row: (row.school, row.group)):
        cells = tuple((*row.cells, *blank) for row in inside)
        shown = name or _("未编班")
        parts = [_("%(n)d 人") % {"n": len(cells)}, _("%(day)s 制表") % {"day": clock.today().isoformat()}]
        if heads.get((school, name)):
            parts.insert(0, labelled(_("班主任"), heads[school, name]))
        if export.reason:
            parts.append(labelled(_("用途"), export.reason))
        title = f"{school} {shown} {ListKind(export.kind).label}"
        made.append(Group(name=shown, title=title, sub=" · ".join(parts), rows=cells))
    return made


def _file_name(export: ListExport) -> str:
    return files.safe_name(f"{export.title} {export.created_at.astimezone(clock.ZONE):%Y-%m-%d}.{export.file_format}")


def _trace(actor: Actor, action: str, export: ListExport) -> None:
    data: dict[str, Any] = {
        "export": str(export.id), "kind": export.kind, "format": export.file_format, "columns": list(export.columns),
        "people": export.people, "clear": export.is_clear,
    }  # fmt: skip
    is_class = export.class_group_id is not None
    audit.record(
        replace(actor, purpose=export.reason or actor.purpose), action, subject_kind="class" if is_class else "organisation",
        subject_id=export.class_group_id or export.organisation_id, path=str(export.path), data=data,
    )  # fmt: skip
