"""Show and hide conditions of form fields: comparisons in the FEEL of form-js (``= days >= 3 and kind = "病假"``), run as CEL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from ..engine.expressions import Unanswerable, Unreadable, compiled, holds, names_in

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<=|>=|!=|=|[A-Za-z_]\w*|.', re.DOTALL)
_WORDS = {"and": "&&", "or": "||", "not": "!", "=": "=="}


@lru_cache(maxsize=2_000)
def as_cel(text: str) -> str:
    """The CEL of a condition; a text without ``=`` in front is CEL already."""
    if not text.startswith("="):
        return text
    return "".join(_WORDS.get(token, token) for token in _TOKEN.findall(text[1:])).strip()


def fault_of(text: str, names: frozenset[str]) -> str:
    """What is wrong, as the end of a sentence; empty when nothing is."""
    try:
        unknown = sorted(names_in(as_cel(text)) - names)
    except Unreadable:
        return _("看不懂，例如 = days >= 3")
    return _("里的 %(name)s 不是表单里的项目") % {"name": unknown[0]} if unknown else ""


def names_of(text: str) -> frozenset[str]:
    return names_in(as_cel(text))


def is_hidden(text: str, values: Mapping[str, Any]) -> bool:
    """Whether a field is hidden now. What depends on something that is not filled in is hidden too."""
    try:
        compiled(as_cel(text))
        return holds(as_cel(text), values)
    except (Unanswerable, Unreadable):
        return True
