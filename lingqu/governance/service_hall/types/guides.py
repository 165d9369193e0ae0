"""Guides of services as values, and finding one by what people type. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lingqu.foundation.registry import api as registry

from .words import Audience, Theme

BITS = re.compile(r"[a-z]+|\d+|[㐀-鿿]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """``spared``: nobody has to bring it, the register knows (免提交)."""

    name: str
    spared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """One service: for whom, what to bring, how many working days, what comes out and on what ground."""

    code: str
    name: str
    theme: str
    audiences: tuple[str, ...]
    summary: str
    words: tuple[str, ...]
    who: str
    steps: tuple[str, ...]
    materials: tuple[Material, ...]
    days: int
    result: str
    basis: str

    @property
    def spared(self) -> int:
        return sum(one.spared for one in self.materials)


def read_guide(row: Mapping[str, Any]) -> Guide:
    """Raises ValueError for a theme or audience that does not exist."""
    return Guide(
        code=row["code"], name=row["name"], theme=Theme(row["theme"]).value,
        audiences=tuple(Audience(one).value for one in row["audiences"]), summary=row["summary"],
        words=tuple(row["words"]), who=row["who"], steps=tuple(row["steps"]), materials=read_materials(row["materials"]),
        days=int(row["days"]), result=row["result"], basis=row["basis"],
    )  # fmt: skip


def read_materials(rows: Iterable[Mapping[str, Any]]) -> tuple[Material, ...]:
    return tuple(Material(name=str(row["name"]), spared=bool(row["spared"])) for row in rows)


def find(guides: Sequence[Guide], text: str) -> tuple[Guide, ...]:
    """Guides that fit what was typed, best first: by name, by other words for it, by initials or pinyin of the name, else by
    pairs of characters that they share with it."""
    typed = registry.typed_key(text)
    if not typed:
        return tuple(guides)
    scored = [(_score(guide, typed), at, guide) for at, guide in enumerate(guides)]
    return tuple(guide for score, _at, guide in sorted(scored, key=lambda one: (-one[0], one[1])) if score > 0)


def _score(guide: Guide, typed: str) -> float:
    bare = typed.replace(" ", "")
    if bare in guide.name or guide.name in bare:
        return 100 + len(guide.name) / 100
    if any(bare in word or word in bare for word in guide.words):
        return 80
    pinyin, initials = registry.name_key(guide.name)
    if bare.isascii() and (initials.startswith(bare) or pinyin.replace(" ", "").startswith(bare)):
        return 60
    wanted = _pairs(bare)
    known = _pairs(" ".join((guide.name, *guide.words, guide.summary)))
    shared = len(wanted & known)
    return 40 * shared / len(wanted) if wanted and shared * 2 >= len(wanted) else 0


def _pairs(text: str) -> set[str]:
    return {bit[at : at + 2] for bit in BITS.findall(text) for at in range(len(bit) - 1)}
