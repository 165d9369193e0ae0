"""The picture of an application: a small PNG, JPEG or WebP, known by its bytes and bounded in size and pixels.

Served as it was sent, under its own media type and without any right of our origin; an SVG could carry script.
"""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import imagesize
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import files
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Invalid
from lingqu.kernel.media import JPEG, PNG, WEBP, media_type_of

from .. import policies
from .registering import locked, trace

MOST_BYTES = 256 << 10
LEAST_PIXELS, MOST_PIXELS = 64, 1024
OWNER = "applications.icon"
PICTURES = (PNG, JPEG, WEBP)


@transaction.atomic
def set_icon(*, actor: Actor, application_id: UUID, uploaded: Any) -> None:
    """Put a picture in place of the one before. Raises :class:`Invalid` for what is none, too big or not square."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    fault = "" if uploaded is not None else _("请选择图标文件。")
    content = uploaded.read(MOST_BYTES + 1) if uploaded is not None else b""
    if fault := fault or fault_of(content):
        raise Invalid(fault, details={"icon": fault})
    stored = files.put(content, max_bytes=MOST_BYTES)
    files.detach(owner_kind=OWNER, owner_id=row.id)
    files.attach(stored.digest, owner_kind=OWNER, owner_id=row.id, name="icon")
    row.icon_digest = stored.digest
    row.save(update_fields=["icon_digest"])
    trace(actor, "applications.icon_set", row, digest=stored.digest)


@transaction.atomic
def drop_icon(*, actor: Actor, application_id: UUID) -> None:
    """Back to the picture of its kind."""
    row = locked(application_id)
    require(policies.may_change_filing(actor, row))
    files.detach(owner_kind=OWNER, owner_id=row.id)
    row.icon_digest = ""
    row.save(update_fields=["icon_digest"])
    trace(actor, "applications.icon_dropped", row)


def fault_of(content: bytes) -> str:
    """Why it may not be an icon; empty when it may."""
    if len(content) > MOST_BYTES:
        return _("图标不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}
    if media_type_of(content) not in PICTURES:
        return _("图标只收 PNG、JPEG 或 WebP 图片。")
    try:
        width, height = imagesize.get(io.BytesIO(content))
    except (ValueError, OSError, IndexError, ArithmeticError, TypeError):
        width, height = -1, -1
    if min(width, height) <= 0:
        return _("这个图片文件已损坏，打不开。")
    if width != height or not LEAST_PIXELS <= width <= MOST_PIXELS:
        return _("图标要是正方形，边长 %(least)d 到 %(most)d 像素。") % {"least": LEAST_PIXELS, "most": MOST_PIXELS}
    return ""
