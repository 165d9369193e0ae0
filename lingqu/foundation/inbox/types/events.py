"""What the inbox tells upward."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePublished:
    notice_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeConfirmed:
    """Somebody confirmed: ``subject_id`` is the post, child or person the receipt stands for."""

    notice_id: UUID
    subject_id: UUID
