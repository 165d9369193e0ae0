"""Conditions of definitions: CEL, checked before they ever run."""

from __future__ import annotations

import re

import cel
from django.utils.translation import gettext as _

MOST_CHARACTERS = 2000
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")


def fault_of(text: str, names: frozenset[str] | None = None) -> str:
    """What is wrong with an expression, as the end of a sentence; empty when nothing is. ``names`` None: any name goes."""
    if len(text) > MOST_CHARACTERS:
        return _("超过 %(n)d 个字") % {"n": MOST_CHARACTERS}
    try:
        program = cel.compile(text)
    except Exception:  # noqa: BLE001 - the library tells every fault of a text by its own classes
        return _("看不懂，应当是 CEL 表达式，例如 days >= 3.0")
    bound = set(_MACRO.findall(text))
    if _depth(text) > 1:
        return _("列表运算套了两层以上")
    unknown = sorted(set(program.variables()) - bound - names) if names is not None else []
    return _("里的 %(name)s 不是表单里的项目") % {"name": unknown[0]} if unknown else ""


def _depth(text: str) -> int:
    """How deep macros stand inside each other."""
    inner = (text[found.end() : found.end() + _length(text[found.end() :])] for found in _MACRO.finditer(text))
    return max((1 + _depth(body) for body in inner), default=0)


def _length(rest: str) -> int:
    level = 1
    for at, character in enumerate(rest):
        level += {"(": 1, ")": -1}.get(character, 0)
        if level == 0:
            return at
    return len(rest)
