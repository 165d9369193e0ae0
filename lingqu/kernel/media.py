"""What a file is, by its first bytes, whatever it is called."""

from __future__ import annotations

PDF, JPEG, PNG, WEBP = "application/pdf", "image/jpeg", "image/png", "image/webp"
OLE = "application/x-ole-storage"
"""Documents of Office before 2007 and of WPS."""
SCANS = frozenset({PDF, JPEG, PNG})
"""What a scanner or a phone makes of a paper."""
ENDINGS: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",), WEBP: (".webp",),
    OLE: (".doc", ".xls", ".ppt", ".wps", ".et", ".dps"),
}  # fmt: skip
"""How such files are called; the first is the usual one."""
HEAD_BYTES = 16
_BY_MARK = (
    (b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
)  # fmt: skip


def media_type_of(head: bytes) -> str:
    """By the first ``HEAD_BYTES`` bytes or more; empty for what is not in ``ENDINGS``."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    return next((media for mark, media in _BY_MARK if head.startswith(mark)), "")


def scan_type_of(head: bytes) -> str:
    """The media type of a scan; empty for everything else."""
    media = media_type_of(head)
    return media if media in SCANS else ""
