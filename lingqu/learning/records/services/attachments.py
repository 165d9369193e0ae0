"""Attachments that come along with statements: complete, with the right digest, kept once a tenant."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from lingqu.kernel import files

from ..models import Attachment
from ..types.faults import Fault
from ..types.signatures import SIGNATURE, check_signature
from ..types.values import Part
from .drafts import Draft, attachments_of

_HASHES = {56: hashlib.sha224, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}


def keep_attachments(tenant: int, drafts: Sequence[Draft], parts: Sequence[Part], *, is_2: bool) -> None:
    """Refuses parts nobody names, attachments that did not come, wrong digests and signatures that do not fit."""
    received = {part.sha2: part for part in parts}
    named: set[str] = set()
    for at, draft in enumerate(drafts):
        for nth, one in enumerate(attachments_of(draft.body)):
            place = f"$[{at}].attachments[{nth}]"
            sha2 = one["sha2"].lower()
            named.add(sha2)
            part = received.get(sha2)
            if part is None and "fileUrl" not in one:
                raise Fault("the attachment did not come along and has no fileUrl", place)
            if one["usageType"] == SIGNATURE:
                _check_signed(draft, one, part, place, is_2=is_2)
    for part in parts:
        if part.sha2 not in named:
            raise Fault("a part came along that no statement names")
        made = _HASHES.get(len(part.sha2))
        if made is None or made(part.content).hexdigest() != part.sha2:
            raise Fault("X-Experience-API-Hash is not the digest of the part")
    for part in parts:
        _keep(tenant, part)


def _check_signed(draft: Draft, attachment: dict[str, Any], part: Part | None, place: str, *, is_2: bool) -> None:
    if attachment["contentType"].partition(";")[0].strip().lower() != "application/octet-stream":
        raise Fault("a signature is application/octet-stream", place + ".contentType")
    if part is not None:
        check_signature(part.content, draft.body, place)


def _keep(tenant: int, part: Part) -> None:
    if Attachment.objects.filter(tenant_id=tenant, sha2=part.sha2).exists():
        return
    made = files.put(part.content)
    with transaction.atomic():
        row, _new = Attachment.objects.get_or_create(
            tenant_id=tenant, sha2=part.sha2,
            defaults={"file": made.digest, "content_type": part.content_type[:200], "size": made.size},
        )  # fmt: skip
        files.attach(made.digest, owner_kind="records.attachment", owner_id=row.pk)
