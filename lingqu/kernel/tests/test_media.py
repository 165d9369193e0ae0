"""Files are known by their first bytes."""

from __future__ import annotations

import pytest

from lingqu.kernel import media


@pytest.mark.parametrize(
    ("head", "expected", "is_scan"),
    [
        (b"%PDF-1.7\n", media.PDF, True),
        (b"\xff\xd8\xff\xe0", media.JPEG, True),
        (b"\x89PNG\r\n\x1a\n", media.PNG, True),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", media.WEBP, False),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "", False),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", media.OLE, False),
        (b"<svg onload=x>", "", False),
        (b"PK\x03\x04", "", False),
        (b"", "", False),
    ],
)
def test_a_file_is_what_it_begins_with(head: bytes, expected: str, is_scan: bool) -> None:
    assert media.media_type_of(head) == expected
    assert media.scan_type_of(head) == (expected if is_scan else "")
    assert not expected or media.ENDINGS[expected]
