"""Formats of strings in statements (1.0.3 Data 4; 2.0 4.2.7)."""

from __future__ import annotations

import re
from datetime import datetime

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s\x00-\x20<>\"{}|\\^`]+")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_MBOX = re.compile(r"mailto:[^\s@\x00-\x20<>]+@[^\s@\x00-\x20<>]+")
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")
_SHA2 = re.compile(r"(?:[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})")
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+|i-[a-z]{2,8}|en-gb-oed|sgn-[a-z]{2}-[a-z]{2}|art-lojban|cel-gaulish|no-(?:bok|nyn)"
    r"|zh-(?:guoyu|hakka|min|min-nan|xiang)",
    re.IGNORECASE | re.ASCII,
)
_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?"
    rf"(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII | re.IGNORECASE
)
_NO_OFFSET = frozenset({"-00", "-0000", "-00:00"})
_MEDIA_TYPE = re.compile(r"[\w.+!#$&^-]+/[\w.+!#$&^-]+(?:\s*;\s*[\w.+-]+=(?:[^\s;\"]+|\"[^\"]*\"))*\s*", re.ASCII)

is_uuid = _UUID.fullmatch
is_mbox = _MBOX.fullmatch
is_sha1 = _SHA1.fullmatch
is_sha2 = _SHA2.fullmatch
is_duration = _DURATION.fullmatch
is_media_type = _MEDIA_TYPE.fullmatch
_languages: set[str] = set()
_iris: set[str] = set()
MOST_IRIS, LONGEST_KEPT = 20_000, 300


def is_iri(text: str) -> bool:
    """An absolute IRI. Those seen lately are known: statements repeat the same few thousand."""
    if text in _iris:
        return True
    if _IRI.fullmatch(text) is None:
        return False
    if len(text) <= LONGEST_KEPT:
        if len(_iris) >= MOST_IRIS:
            _iris.clear()
        _iris.add(text)
    return True


def is_language(text: str) -> bool:
    """A language tag (RFC 5646)."""
    if text in _languages:
        return True
    if _LANGUAGE.fullmatch(text) is None:
        return False
    if len(_languages) < 1000:
        _languages.add(text)
    return True


def moment_of(text: str, *, needs_offset: bool) -> datetime | None:
    """The moment of an ISO 8601 timestamp (RFC 3339 where an offset is needed); None when it is none."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    begin, fraction, offset = match.groups()
    if offset in _NO_OFFSET or (needs_offset and (offset is None or (offset not in "Zz" and len(offset) != 6))):
        return None
    zone = "+00:00" if offset is None or offset in "Zz" else offset
    try:
        return datetime.fromisoformat(f"{begin}.{(fraction or '0')[:6]:0<6}{zone}")
    except ValueError:
        return None
