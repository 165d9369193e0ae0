"""Language of parts (WCAG 3.1.2): names and other data on an English page stay Chinese and are marked so."""

from __future__ import annotations

import re

from lingqu.kernel.language import is_english

CHINESE = r"\u3400-\u9fff"
_RUN = re.compile(rf"[{CHINESE}][{CHINESE}0-9（）《》、，。；：・·－—＊]*")
_PIECE = re.compile(
    r"<!--.*?-->|<(script|style|title|textarea|option|svg)\b.*?</\1>|<[^>]*\blang=\"zh[^>]*>[^<]*|<[^>]*>|[^<]+",
    re.DOTALL,
)


def mark_parts(page: str) -> str:
    """The page with ``<span lang="zh-CN">`` around Chinese in its text, if it is an English one.

    A screen reader then reads names as Chinese, and a browser shows them with the right glyphs. Attributes and elements
    that hold no markup stay as they are.
    """
    return _PIECE.sub(_marked, page) if is_english() else page


def _marked(piece: re.Match[str]) -> str:
    """A text that is Chinese in part gets a span around the whole too: where it lies in a row, it stays one thing."""
    text = piece.group()
    if text.startswith("<"):
        return text
    made, count = _RUN.subn(r'<span lang="zh-CN">\g<0></span>', text)
    is_mixed = count > 1 or (count and not _RUN.fullmatch(text.strip()))
    return f"<span>{made}</span>" if is_mixed else made
