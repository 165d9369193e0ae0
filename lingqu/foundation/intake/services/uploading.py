"""Files in pieces: begin, append, finish, give up. A lost connection or a reload goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import files
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid, NotFound, TooLarge
from lingqu.kernel.files import safe_name, text_of_size

from ..applying.services import Upload
from ..models import PartialUpload
from ..reading.limits import MAX_FILE_BYTES
from ..types import IMPORT_RUN

FORGOTTEN = timedelta(hours=24)
MOST_AT_ONCE = 200
PIECE = 8 << 20


def folder() -> Path:
    made = Path(settings.LINGQU_HOME) / "uploads"
    made.mkdir(parents=True, exist_ok=True)
    return made


def _part(upload: PartialUpload) -> Path:
    return folder() / f"{upload.id}.part"


@transaction.atomic
def begin_upload(*, actor: Actor, name: str, size: int, fingerprint: str) -> PartialUpload:
    """A new upload, or the one of the same file that this account began (or even finished) before."""
    require(actor.has(IMPORT_RUN) and actor.account_id is not None)
    if not 0 < size <= MAX_FILE_BYTES:
        raise TooLarge(_("单个文件应在 1 字节到 %(size)s 之间。") % {"size": text_of_size(MAX_FILE_BYTES)})
    own = PartialUpload.objects.filter(account_id=_account(actor))
    found = own.filter(fingerprint=fingerprint[:500], size=size, digest="").first()
    if found is not None and (_part(found).exists() or found.received == 0):
        return found
    whole = own.filter(fingerprint=fingerprint[:500], size=size).exclude(digest="").first() if fingerprint else None
    if whole is not None and files.has(whole.digest):
        return whole
    if own.filter(digest="").count() >= MOST_AT_ONCE:
        raise Conflict(_("同时上传的文件太多，请等前面的完成。"))
    return PartialUpload.objects.create(
        account_id=_account(actor), name=safe_name(name) or _("未命名"), size=size, fingerprint=fingerprint[:500]
    )


def append_piece(*, actor: Actor, upload_id: Any, offset: int | None, data: bytes) -> PartialUpload:
    """Add bytes at ``offset`` (None: not stated, which is :class:`Invalid`). A wrong offset raises :class:`Conflict` with the right one in ``details``; the last piece
    stores the file."""
    if len(data) > PIECE:
        raise TooLarge(_("一次传来的数据太大。"))
    with transaction.atomic():
        upload = _own(actor, upload_id)
        if upload.digest:
            return upload
        if offset is None:
            raise Invalid(_("没有说明从哪里继续。"))
        if offset != upload.received:
            raise Conflict(_("上传的位置不对，将从正确的位置继续。"), details={"offset": upload.received})
        if offset + len(data) > upload.size:
            raise Invalid(_("传来的内容比声明的长。"))
        with _part(upload).open("r+b" if offset else "wb") as target:
            target.seek(offset)
            target.write(data)
            target.flush()
            os.fsync(target.fileno())
        upload.received, upload.touched_at = offset + len(data), now()
        upload.save(update_fields=["received", "touched_at"])
    return _finish(upload) if upload.received == upload.size else upload


def _finish(upload: PartialUpload) -> PartialUpload:
    part = _part(upload)
    stored = files.put(part, max_bytes=MAX_FILE_BYTES)
    upload.digest = stored.digest
    upload.save(update_fields=["digest"])
    part.unlink(missing_ok=True)
    return upload


def cancel_upload(*, actor: Actor, upload_id: Any) -> None:
    with transaction.atomic():
        upload = _own(actor, upload_id)
        _part(upload).unlink(missing_ok=True)
        upload.delete()


def _own(actor: Actor, upload_id: Any) -> PartialUpload:
    found = PartialUpload.objects.select_for_update().filter(id=upload_id, account_id=_account(actor)).first()
    if found is None or actor.account_id is None:
        raise NotFound(_("没有这个上传，可能已取消或过期，请重新选择文件。"))
    return found


def take_uploads(*, actor: Actor, sent: Iterable[UploadedFile], upload_ids: Sequence[str]) -> list[Upload]:
    """Files of a form, whether they came with it or in pieces before it. Raises :class:`Invalid` for half ones."""
    taken: list[Upload] = []
    for file in sent:
        stored = files.put(file, max_bytes=MAX_FILE_BYTES)
        taken.append(Upload(name=safe_name(file.name or "") or _("未命名"), digest=stored.digest, size=stored.size))
    for upload_id in upload_ids:
        upload = PartialUpload.objects.filter(id=upload_id, account_id=_account(actor)).first()
        if upload is None:
            raise Invalid(_("有文件没有传完，请重新选择文件再上传。"), code="half_upload")
        if not upload.digest:
            raise Invalid(
                _("文件“%(name)s”只传了一部分（%(got)s，共 %(size)s），请重新选择同一个文件继续。")
                % {"name": upload.name, "got": text_of_size(upload.received), "size": text_of_size(upload.size)},
                code="half_upload",
            )
        taken.append(Upload(name=upload.name, digest=upload.digest, size=upload.size))
    return _distinct(taken)


def _distinct(uploads: list[Upload]) -> list[Upload]:
    """The same name twice gets a number, so that findings can tell the files apart."""
    seen: dict[str, int] = {}
    made = []
    for upload in uploads:
        seen[upload.name] = seen.get(upload.name, 0) + 1
        name = upload.name
        if seen[upload.name] > 1:
            stem, dot, ending = upload.name.rpartition(".")
            name = f"{stem} ({seen[upload.name]}){dot}{ending}" if dot else f"{upload.name} ({seen[upload.name]})"
        made.append(Upload(name=name, digest=upload.digest, size=upload.size))
    return made


def forget_uploads() -> int:
    """Drop uploads that nobody has continued for a day."""
    old = PartialUpload.objects.filter(touched_at__lt=now() - FORGOTTEN)
    for upload in old.filter(digest=""):
        _part(upload).unlink(missing_ok=True)
    return old.delete()[0]


def _account(actor: Actor) -> UUID:
    """The account that sends; files in pieces are only for people who are signed in."""
    require(actor.account_id is not None)
    assert actor.account_id is not None
    return actor.account_id
