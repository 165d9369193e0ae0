"""Files beside notices and receipts: what they are decides their content, not their name."""

from __future__ import annotations

import zipfile
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, files
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.media import ENDINGS, HEAD_BYTES, OLE, SCANS, media_type_of

from .. import policies
from ..models import Attachment, Notice, Receipt
from ..selectors.board import require_expected
from ..selectors.reading import open_notice
from ..types.words import NoticeState
from .drafting import locked_notice

MOST_BYTES, MOST_FILES = 20 << 20, 10
OFFICE = "application/vnd.openxmlformats-officedocument."
PLAIN = SCANS | {OLE}
BY_PART = (
    ("word/document.xml", OFFICE + "wordprocessingml.document", ".docx"),
    ("xl/workbook.xml", OFFICE + "spreadsheetml.sheet", ".xlsx"),
    ("ppt/presentation.xml", OFFICE + "presentationml.presentation", ".pptx"),
)
ACCEPTED = ".pdf,.jpg,.jpeg,.png,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.wps,.et"


def media_of(name: str, uploaded: Any) -> str:
    """Media type by content, which the name must agree with; empty for anything else, and for documents with macros."""
    head = uploaded.read(HEAD_BYTES)
    uploaded.seek(0)
    lowered = name.lower()
    if media := media_type_of(head):
        return media if media in PLAIN and lowered.endswith(ENDINGS[media]) else ""
    if not head.startswith(b"PK"):
        return ""
    try:
        with zipfile.ZipFile(uploaded) as package:
            parts = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    finally:
        uploaded.seek(0)
    if any(part.endswith("vbaProject.bin") for part in parts):
        return ""
    return next((media for part, media, ending in BY_PART if part in parts and lowered.endswith(ending)), "")


def keep_file(*, actor: Actor, notice: Notice, uploaded: Any, receipt: Receipt | None = None) -> Attachment:
    """Keep a file with a notice or a receipt. Raises :class:`Invalid` for other kinds, sizes and empty files."""
    name = files.safe_name(uploaded.name) or "file"
    if not 0 < uploaded.size <= MOST_BYTES:
        raise Invalid(
            _("附件不能是空的，也不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}, code="bad_size"
        )
    media = media_of(name, uploaded)
    if not media:
        raise Invalid(
            _("只收 PDF、图片和 Office、WPS 文件，并且不能带宏；%(name)s 不是，或内容和后缀不符。") % {"name": name},
            code="bad_kind",
        )
    if Attachment.objects.filter(notice=notice, receipt=receipt).count() >= MOST_FILES:
        raise Conflict(_("最多 %(n)d 个附件。") % {"n": MOST_FILES}, code="too_many_files")
    stored = files.put(uploaded, max_bytes=MOST_BYTES)
    files.attach(stored.digest, owner_kind="inbox.notice", owner_id=notice.id, name=name)
    return Attachment.objects.create(
        notice=notice, receipt=receipt, digest=stored.digest, name=name, size=stored.size, media_type=media,
        added_by=actor.name,
    )  # fmt: skip


@transaction.atomic
def add_file(*, actor: Actor, notice_id: UUID, uploaded: Any) -> None:
    """A file beside a draft."""
    notice = locked_notice(actor, notice_id)
    if notice.state != NoticeState.DRAFT:
        raise Conflict(_("通知已经发布，附件不能再改。"), code="published")
    made = keep_file(actor=actor, notice=notice, uploaded=uploaded)
    audit.record(
        actor, "inbox.file.added", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path),
        data={"size": made.size, "media_type": made.media_type},
    )  # fmt: skip


@transaction.atomic
def remove_file(*, actor: Actor, file_id: UUID) -> UUID:
    """Take a file of a draft away; returns the notice's id."""
    found = Attachment.objects.filter(id=file_id, receipt=None).first()
    if found is None:
        raise Forbidden()
    notice = locked_notice(actor, found.notice_id)
    if notice.state != NoticeState.DRAFT:
        raise Conflict(_("通知已经发布，附件不能再改。"), code="published")
    found.delete()
    if not Attachment.objects.filter(notice=notice, digest=found.digest).exists():
        files.detach(owner_kind="inbox.notice", owner_id=notice.id, digest=found.digest)
    audit.record(actor, "inbox.file.removed", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path))
    return notice.id


def get_file(*, actor: Actor, file_id: UUID) -> Attachment:
    """A file for whoever may read its notice; one of a receipt for who gave it and for who sees that receipt."""
    found = Attachment.objects.select_related("notice", "receipt").filter(id=file_id).first()
    if found is None:
        raise Forbidden()
    reach = policies.reach_of(actor, found.notice)
    if reach.whole or _is_followed(found, reach):
        return found
    opened = open_notice(actor, found.notice_id)
    if found.notice.state != NoticeState.PUBLISHED:
        raise Forbidden()
    own = {subject for _owner, subject in opened.reader.aliases}
    if found.receipt is not None and found.receipt.subject not in own:
        raise Forbidden()
    return found


def _is_followed(found: Attachment, reach: policies.Reach) -> bool:
    """Whether the receipt lies in the part of the notice that an office or class teacher follows."""
    receipt = found.receipt
    if receipt is None or reach.is_empty:
        return False
    try:
        require_expected(found.notice, reach, receipt.kind, receipt.subject)
    except Forbidden:
        return False
    return True
