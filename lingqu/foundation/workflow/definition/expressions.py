"""Conditions of definitions, checked before they ever run; the faults in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ..engine.expressions import FUNCTIONS, Unreadable, functions_in, names_in


def fault_of(text: str, names: frozenset[str] | None = None) -> str:
    """What is wrong with an expression, as the end of a sentence; empty when nothing is. ``names`` None: any name goes."""
    try:
        read, called = names_in(text), functions_in(text)
    except Unreadable:
        return _("看不懂，应当是不太长的 CEL 表达式，例如 days >= 3")
    if foreign := sorted(called - FUNCTIONS):
        return _("里的函数 %(name)s 不能用") % {"name": foreign[0]}
    unknown = sorted(read - names) if names is not None else []
    return _("里的 %(name)s 不是表单里的项目") % {"name": unknown[0]} if unknown else ""
