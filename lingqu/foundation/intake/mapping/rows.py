"""Where the headings stand: below title rows, in one line or in two with merged cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .headings import OWN_PREFIXES, is_known, without_group

SEARCHED_ROWS = 20


@dataclass(frozen=True, slots=True)
class Headings:
    """``last``: 0-based index of the last heading record. ``texts``: one per column, "" where there is none."""

    last: int
    texts: tuple[str, ...]
    known: int


def find_headings(head: Sequence[Sequence[str]]) -> Headings | None:
    """The best heading line (or pair of lines) among the first records; None when nothing looks like one."""
    rows = [[_one_line(cell) for cell in record] for record in head[:SEARCHED_ROWS]]
    best: Headings | None = None
    for index in range(len(rows)):
        for made in (_single(rows, index), *_pairs(rows, index)):
            if made and (best is None or made.known > best.known):
                best = made
        if best and best.known >= 4 and index > best.last + 1:
            break
    if best and (best.known >= 2 or (best.known == 1 and sum(map(bool, best.texts)) <= 3)):
        return best
    return _first_full(rows)


def _one_line(cell: str) -> str:
    return " ".join(cell.replace("\ufeff", "").split())


def _count(texts: Sequence[str]) -> int:
    return len({text for text in texts if is_known(text)})


def _single(rows: list[list[str]], index: int) -> Headings | None:
    texts = tuple(rows[index])
    return Headings(index, texts, _count(texts)) if any(texts) else None


def _pairs(rows: list[list[str]], index: int) -> list[Headings]:
    """The line together with the one above, when that one is more than a title."""
    if index == 0:
        return []
    upper, lower = rows[index - 1], rows[index]
    if sum(map(bool, upper)) < 2 or not any(lower) or any(_looks_like_data(cell) for cell in lower):
        return []
    width = max(len(upper), len(lower))
    upper, lower = upper + [""] * (width - len(upper)), lower + [""] * (width - len(lower))
    texts, above = [], ""
    for top, bottom in zip(upper, lower, strict=True):
        above = top or (above if bottom else "")
        texts.append(_joined(above, bottom, is_own=bool(top)))
    made = tuple(texts)
    known = _count(made)
    gain = known > max(_count(upper), _count(lower))
    return [Headings(index, made, known)] if gain else []


def _looks_like_data(cell: str) -> bool:
    digits = sum(character.isdigit() for character in cell)
    return digits >= 4


def _joined(upper: str, lower: str, *, is_own: bool) -> str:
    if not lower:
        return upper if is_own else ""
    if not upper or upper == lower:
        return lower
    if without_group(upper) in {"", *OWN_PREFIXES.values()} - {OWN_PREFIXES["guardians"]}:
        return lower
    together = without_group(upper) + lower
    if is_known(together):
        return together
    return (
        lower
        if is_known(lower) and not is_known(upper) and "监护" not in upper and "家" not in upper
        else upper + lower
    )


def _first_full(rows: list[list[str]]) -> Headings | None:
    """No known word anywhere: the first line with two filled cells, for a person to map."""
    for index, row in enumerate(rows):
        if sum(map(bool, row)) >= 2 and not any(_looks_like_data(cell) for cell in row):
            return Headings(index, tuple(row), 0)
    return None
