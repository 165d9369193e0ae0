"""数据确认单: submit, tick, confirm or return, keep the sealed scan, receive."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, clock, files
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.media import ENDINGS, scan_type_of

from .. import policies
from ..models import Round, Sheet
from ..selectors.checks import EQUAL, list_checks
from ..selectors.sheets import Figures, blocks_of, check_code, digest_of, figures_of, school_in
from ..types import rights
from ..types.words import SheetState
from ..wording import LETTERS, term_year
from . import desks
from .snapshots import freeze_school

MOST_SCAN = 20 * 1024 * 1024


def _trace(actor: Actor, action: str, sheet: Sheet, **data: object) -> None:
    audit.record(
        actor, f"statistics.sheet.{action}", subject_kind="sheet", subject_id=sheet.id, path=str(sheet.path),
        data={"number": sheet.number, **data},
    )  # fmt: skip


@transaction.atomic
def submit_sheet(*, actor: Actor, round_id: UUID, school_code: str, note: str = "") -> Sheet:
    """Freeze the school's figures into the next version of its sheet, with its own number and check code.

    After a confirmation this is a correction (更正单) and needs a note. Raises :class:`Conflict` while one waits for the
    principal or the round is closed.
    """
    round_ = Round.objects.select_for_update(of=("self",)).select_related("snapshot").filter(id=round_id).first()
    if round_ is None:
        raise NotFound(_("没有这次数据确认。"))
    school = school_in(round_, school_code)
    policies.require_submit(actor, str(school.path))
    if round_.closed_at is not None:
        raise Conflict(_("这次数据确认已经结束。"), code="round_closed")
    last = Sheet.objects.filter(round=round_, school=school).order_by("-version").first()
    if last is not None and last.state == SheetState.SUBMITTED:
        raise Conflict(_("已有一份确认单在等校长确认。"), code="sheet_waiting")
    if last is not None and last.confirmed_at and not note.strip():
        raise Invalid(_("已确认的数据要更正，请写明更正说明。"), details={"note": _("请写明更正说明。")})
    serial, version = (last.serial, last.version + 1) if last else (_next_serial(round_), 1)
    number = f"QR-{term_year(round_.year, round_.term)}{LETTERS[round_.term]}-{serial:04d}"
    number = number if version == 1 else f"{number}-{version}"
    snapshot = round_.snapshot or freeze_school(
        school=school, year=registry.school_year_of(clock.today()), created_by=actor.name
    )
    digest = digest_of(snapshot, str(school.path))
    made = Sheet.objects.create(
        round=round_, school=school, path=school.path, serial=serial, version=version, number=number,
        check_code=check_code(number, digest), snapshot=snapshot, digest=digest, note=note.strip()[:200],
        submitted_by=actor.name,
    )  # fmt: skip
    desks.ask_principal(made)
    _trace(actor, "submitted", made, digest=digest)
    return made


def _next_serial(round_: Round) -> int:
    """Serial numbers run through all rounds of a term, so that a number means one school."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('statistics.sheet.serial', 0))")
    same = Sheet.objects.filter(round__year=round_.year, round__term=round_.term).order_by("-serial")
    return (same.values_list("serial", flat=True).first() or 0) + 1


def _locked(sheet_id: UUID) -> Sheet:
    found = Sheet.objects.select_for_update(of=("self",)).select_related("school", "snapshot", "round")
    sheet = found.filter(id=sheet_id).first()
    if sheet is None:
        raise NotFound(_("没有这份确认单。"))
    return sheet


def _require_state(sheet: Sheet, state: str) -> None:
    if sheet.state != state:
        raise Conflict(
            _("这份确认单的状态是“%(state)s”，不能这样做。") % {"state": sheet.get_state_display()}, code="bad_state"
        )


@transaction.atomic
def confirm_sheet(*, actor: Actor, sheet_id: UUID, ticks: Sequence[str]) -> Sheet:
    """The principal has looked at every block and confirms; from now on the sheet never changes."""
    sheet = _locked(sheet_id)
    policies.require_confirm(actor, str(sheet.path))
    _require_state(sheet, SheetState.SUBMITTED)
    blocks = [block.code for block in blocks_of(sheet)]
    missing = [code for code in blocks if code not in ticks]
    if missing:
        raise Invalid(_("还有 %(n)d 项没有看过，请逐项勾选。") % {"n": len(missing)}, code="not_ticked")
    lines = list_checks(sheet.round, sheet.school, figures_of(sheet.snapshot, str(sheet.path)))
    unchecked = sum(one.state != EQUAL for one in lines)
    if unchecked:
        raise Invalid(
            _("还有 %(n)d 个班没有核对，或与花名册不一致，请先逐班核对。") % {"n": unchecked}, code="classes_unchecked"
        )
    sheet.class_checks = [
        {"class": str(one.class_id), "name": one.name, "size": one.size, "by": one.by, "at": one.at.isoformat()}
        for one in lines
    ]
    sheet.ticks, sheet.state = blocks, SheetState.CONFIRMED
    sheet.confirmed_by, sheet.confirmed_at = actor.name, clock.now()
    sheet.save(update_fields=["ticks", "class_checks", "state", "confirmed_by", "confirmed_at"])
    desks.settle(sheet)
    _trace(actor, "confirmed", sheet, digest=sheet.digest, classes=len(lines))
    return sheet


@transaction.atomic
def return_sheet(*, actor: Actor, sheet_id: UUID, reason: str) -> Sheet:
    """The principal sends it back to the clerk: the figures are wrong."""
    sheet = _locked(sheet_id)
    policies.require_confirm(actor, str(sheet.path))
    _require_state(sheet, SheetState.SUBMITTED)
    if not reason.strip():
        raise Invalid(_("请写明哪里有误。"), details={"reason": _("请写明哪里有误。")})
    sheet.state, sheet.return_reason = SheetState.RETURNED, reason.strip()[:500]
    sheet.returned_by, sheet.returned_at = actor.name, clock.now()
    sheet.save(update_fields=["state", "return_reason", "returned_by", "returned_at"])
    desks.settle(sheet)
    _trace(actor, "returned", sheet)
    return sheet


@transaction.atomic
def attach_scan(*, actor: Actor, sheet_id: UUID, name: str, content: bytes, written_code: str) -> Sheet:
    """Keep the sealed scan of a confirmed sheet. The code on the paper is typed in, so that a scan of another version is
    refused."""
    sheet = _locked(sheet_id)
    if not any(actor.holds(code, str(sheet.path)) for code in (rights.SHEET_SUBMIT, rights.SHEET_CONFIRM)):
        raise Forbidden()
    _require_state(sheet, SheetState.CONFIRMED)
    media = scan_type_of(content)
    if not media or len(content) > MOST_SCAN:
        told = _("请上传 PDF、JPG 或 PNG，不超过 20 MB。")
        raise Invalid(told, details={"scan": told})
    if written_code.replace("-", "").strip().upper() != sheet.check_code.replace("-", ""):
        told = _("核验码与本单不符，请看盖章件右上角。")
        raise Invalid(told, details={"code": told})
    stored = files.put(content)
    files.detach(owner_kind="statistics.sheet", owner_id=sheet.id)
    files.attach(stored.digest, owner_kind="statistics.sheet", owner_id=sheet.id, name=files.safe_name(name))
    sheet.scan, sheet.scan_name = stored.digest, f"{sheet.number}{ENDINGS[media][0]}"
    sheet.scan_by, sheet.scan_at = actor.name, clock.now()
    sheet.save(update_fields=["scan", "scan_name", "scan_by", "scan_at"])
    _trace(actor, "scanned", sheet, file=stored.digest)
    return sheet


@transaction.atomic
def receive_sheet(*, actor: Actor, sheet_id: UUID) -> Sheet:
    """The county has the sealed sheet: this school is done."""
    sheet = _locked(sheet_id)
    policies.require_manage(actor, str(sheet.path))
    _require_state(sheet, SheetState.CONFIRMED)
    if not sheet.scan:
        raise Conflict(_("还没有盖章件，不能接收。"), code="no_scan")
    sheet.state, sheet.received_by, sheet.received_at = SheetState.RECEIVED, actor.name, clock.now()
    sheet.save(update_fields=["state", "received_by", "received_at"])
    _trace(actor, "received", sheet)
    return sheet


def draft_sheet(*, actor: Actor, round_id: UUID, school_code: str) -> Figures:
    """What would be submitted now. Everything it needs is frozen and given back: nothing stays."""
    round_ = Round.objects.select_related("snapshot", "organisation").filter(id=round_id).first()
    if round_ is None:
        raise NotFound(_("没有这次数据确认。"))
    school = school_in(round_, school_code)
    policies.require_sheet_view(actor, str(school.path))
    with transaction.atomic():
        snapshot = round_.snapshot or freeze_school(
            school=school, year=registry.school_year_of(clock.today()), created_by=""
        )
        made = figures_of(snapshot, str(school.path))
        transaction.set_rollback(True)
    return made
