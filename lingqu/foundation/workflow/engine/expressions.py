"""Conditions in CEL: compiled once, bounded, checked before a definition is published. Never Python.

Form numbers are doubles, and CEL does not add an int to a double: whole numbers in an expression are read as doubles,
except as an index. What an expression cannot answer is :class:`Unanswerable`: the case stops and says so; it is not "no".
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

MOST_CHARACTERS, MOST_LIST = 2_000, 1_000
MACROS = ("all", "exists", "exists_one", "filter", "map")
FUNCTIONS = frozenset({
    "size", "contains", "startsWith", "endsWith", "matches", "string", "double", "int", "timestamp", "duration", "has",
    "getFullYear", "getMonth", "getDate", "getDayOfWeek", "min", "max",
})  # fmt: skip
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?u?)"""
    r"""|(?P<sign>\S)"""
)


class Unreadable(ValueError):
    """An expression that may not be published; the text says why."""


class Unanswerable(Exception):
    """An expression that has no answer for this case: a field is missing, or of another type."""


@cache
def _cel() -> Any:
    """Loaded when the first expression is met: the package brings a command line that takes half a second to import."""
    return importlib.import_module("cel")


@lru_cache(maxsize=4_000)
def compiled(text: str) -> Any:
    """The program of an expression. Raises :class:`Unreadable` beyond the limits or when it cannot be parsed."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(f"longer than {MOST_CHARACTERS} characters")
    tokens = list(_TOKEN.finditer(text))
    if _macro_depth(tokens) > 1:
        raise Unreadable("a list inside a list: all, exists, filter and map are not nested")
    try:
        return _cel().compile(_with_doubles(text, tokens))
    except (ValueError, RuntimeError) as error:
        raise Unreadable(str(error).split("\n")[0][:300]) from error


@lru_cache(maxsize=4_000)
def names_in(text: str) -> frozenset[str]:
    """Names of the fields that an expression reads, without those that its own macros bind."""
    return frozenset(compiled(text).variables()) - _bound(list(_TOKEN.finditer(text)))


def functions_in(text: str) -> frozenset[str]:
    """Functions by name, without operators."""
    return frozenset(name for name in compiled(text).functions() if name.isidentifier() and not name.startswith("_"))


def faults_of(text: str, known: Iterable[str]) -> list[str]:
    """What keeps an expression from being published: unreadable, unknown names, unknown functions."""
    try:
        unknown = sorted(names_in(text) - set(known))
        foreign = sorted(functions_in(text) - FUNCTIONS)
    except Unreadable as error:
        return [str(error)]
    return [f"unknown name {name}" for name in unknown] + [f"unknown function {name}" for name in foreign]


def answer(text: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression. Raises :class:`Unanswerable`."""
    try:
        program, names = compiled(text), names_in(text)
        missing = names - context.keys()
        if missing:
            raise Unanswerable(f"{text}: no value for {', '.join(sorted(missing))}")
        return program.execute({name: plain(context[name]) for name in names})
    except (Unreadable, TypeError, ValueError, KeyError, RuntimeError, OverflowError) as error:
        raise Unanswerable(f"{text}: {str(error)[:200]}") from error


def holds(text: str, context: Mapping[str, Any]) -> bool:
    """A condition. Anything but true or false is :class:`Unanswerable`."""
    value = answer(text, context)
    if not isinstance(value, bool):
        raise Unanswerable(f"{text}: neither true nor false")
    return value


def plain(value: Any) -> Any:
    """A form value as CEL takes it: whole numbers as doubles, lists bounded."""
    if isinstance(value, bool) or value is None or isinstance(value, str | float):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > MOST_LIST:
            raise Unanswerable(f"a list of more than {MOST_LIST}")
        return [plain(one) for one in value]
    return value


def _with_doubles(text: str, tokens: list[re.Match[str]]) -> str:
    made, end, before = [], 0, ""
    for place, token in enumerate(tokens):
        made.append(text[end : token.start()])
        word, end = token.group(), token.end()
        is_index = before == "[" and place > 1 and (tokens[place - 2].group() in ")]" or tokens[place - 2]["name"])
        made.append(f"{word}.0" if token["number"] and word.isdigit() and not is_index else word)
        before = word
    return "".join([*made, text[end:]])


def _macro_depth(tokens: list[re.Match[str]]) -> int:
    """How deep macros stand inside each other."""
    open_brackets: list[bool] = []
    deepest = 0
    for place, token in enumerate(tokens):
        if token.group() == "(":
            open_brackets.append(_is_macro(tokens, place - 1))
            deepest = max(deepest, sum(open_brackets))
        elif token.group() == ")" and open_brackets:
            open_brackets.pop()
    return deepest


def _is_macro(tokens: list[re.Match[str]], place: int) -> bool:
    return place > 0 and tokens[place].group() in MACROS and tokens[place - 1].group() == "."


def _bound(tokens: list[re.Match[str]]) -> set[str]:
    return {
        tokens[place + 2].group() for place in range(len(tokens) - 2)
        if _is_macro(tokens, place) and tokens[place + 1].group() == "("
    }  # fmt: skip
