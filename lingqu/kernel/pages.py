"""Paging by key. A list costs the same on its first and on its ten-thousandth page, and never counts beyond 1,000.

Cursors are encrypted, because they hold the key of a row (often a name) and stand in addresses; each fits one list
only. ``order`` names not-null columns of one direction (``("name_key", "id")`` or ``("-at", "-id")``), the last one
unique.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from django.db.models import BooleanField, Expression, F, QuerySet, Value
from django.utils.translation import gettext as _

from . import crypto
from .errors import Invalid

Item = TypeVar("Item")
Shown = TypeVar("Shown")
EXACT_UP_TO = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Item]):
    """``next``/``previous``: opaque cursors or None. ``total``: at most 1,000; beyond, ``total_is_exact`` is false."""

    items: tuple[Item, ...]
    next: str | None
    previous: str | None
    total: int
    total_is_exact: bool

    @property
    def total_text(self) -> str:
        """``37`` or ``1000+``."""
        return str(self.total) if self.total_is_exact else f"{EXACT_UP_TO}+"

    def showing(self, items: Iterable[Shown]) -> Page[Shown]:
        """The same page with what its rows are shown as."""
        return Page(
            items=tuple(items), next=self.next, previous=self.previous, total=self.total,
            total_is_exact=self.total_is_exact,
        )  # fmt: skip

    def __iter__(self) -> Any:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class KeyAfter(Expression):
    """``(a, b) > (x, y)`` as one row comparison, which a btree on the same columns serves."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, columns: Sequence[Any], values: Sequence[Any], *, is_after: bool) -> None:
        super().__init__(output_field=BooleanField())
        self.columns, self.values, self.sign = list(columns), list(values), ">" if is_after else "<"

    def get_source_expressions(self) -> list[Any]:
        return [*self.columns, *self.values]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        half = len(exprs) // 2
        self.columns, self.values = list(exprs[:half]), list(exprs[half:])

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        made = self.copy()
        made.columns = [column.resolve_expression(*args, **kwargs) for column in self.columns]
        made.values = [
            Value(value.value, output_field=column.output_field).resolve_expression(*args, **kwargs)
            for column, value in zip(made.columns, self.values, strict=True)
        ]
        return made

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, tuple[Any, ...]]:
        left = [compiler.compile(column) for column in self.columns]
        right = [compiler.compile(value) for value in self.values]
        sql = f"({', '.join(s for s, _p in left)}) {self.sign} ({', '.join(s for s, _p in right)})"
        return sql, tuple(p for _s, params in (*left, *right) for p in params)


@dataclass(frozen=True, slots=True)
class _Position:
    """Where a page begins: behind the key (``is_back`` false) or before it."""

    key: tuple[Any, ...] = ()
    is_back: bool = False


def page_of(
    queryset: QuerySet[Any], *, order: Sequence[str], limit: int = 50, cursor: str = "", with_total: bool = True
) -> Page[Any]:
    """One page of a queryset of models, or of ``values()`` dictionaries that include the order columns."""
    return merge_branches([queryset], order=order, limit=limit, cursor=cursor, with_total=with_total)


def merge_branches(
    querysets: Sequence[QuerySet[Any]],
    *,
    order: Sequence[str],
    limit: int = 50,
    cursor: str = "",
    with_total: bool = True,
) -> Page[Any]:
    """One page of the union of branches: each runs ordered and limited on its own index, then they are merged here.

    A row that several branches see appears once. Costs two queries a branch. Text columns must sort by code point
    (``C.UTF-8``, which the platform demands of its database).
    """
    columns, is_descending = _direction(order)
    position = _decode(cursor, order) if cursor else _Position()
    downward = is_descending != position.is_back
    found: dict[Any, Any] = {}
    for queryset in querysets:
        rows = queryset.order_by(*[("-" if downward else "") + column for column in columns])
        if position.key:
            after = KeyAfter([F(c) for c in columns], [Value(v) for v in position.key], is_after=not downward)
            rows = rows.filter(after)
        for row in rows[: limit + 1]:
            found.setdefault(_key(row, columns)[-1], row)
    items = sorted(found.values(), key=lambda row: _key(row, columns), reverse=downward)
    more, items = len(items) > limit, items[:limit]
    if position.is_back:
        items.reverse()
    has_next = more if not position.is_back else True
    has_previous = more if position.is_back else bool(position.key)
    total, is_exact = _count(querysets, columns[-1]) if with_total else (0, False)
    return Page(
        items=tuple(items),
        next=_encode(_key(items[-1], columns), order, is_back=False) if items and has_next else None,
        previous=_encode(_key(items[0], columns), order, is_back=True) if items and has_previous else None,
        total=total,
        total_is_exact=is_exact,
    )


def count_up_to(queryset: QuerySet[Any], ceiling: int = EXACT_UP_TO) -> tuple[int, bool]:
    """Number of rows and whether it is exact; reads at most ``ceiling + 1`` rows."""
    found = queryset.order_by()[: ceiling + 1].count()
    return min(found, ceiling), found <= ceiling


def _count(querysets: Sequence[QuerySet[Any]], unique: str) -> tuple[int, bool]:
    if len(querysets) == 1:
        return count_up_to(querysets[0])
    seen: set[Any] = set()
    for queryset in querysets:
        seen.update(queryset.order_by().values_list(unique, flat=True)[: EXACT_UP_TO + 1])
        if len(seen) > EXACT_UP_TO:
            return EXACT_UP_TO, False
    return len(seen), True


def _direction(order: Sequence[str]) -> tuple[tuple[str, ...], bool]:
    columns, descending = tuple(column.removeprefix("-") for column in order), {c.startswith("-") for c in order}
    if len(descending) != 1:
        raise ValueError("order columns share one direction")
    return columns, descending.pop()


def _key(row: Any, columns: Iterable[str]) -> tuple[Any, ...]:
    return tuple(_value(row, column) for column in columns)


def _value(row: Any, column: str) -> Any:
    if isinstance(row, dict):
        return row[column]
    for part in column.split("__"):
        row = getattr(row, part)
    return row


def _list_name(order: Sequence[str]) -> bytes:
    return ("cursor:" + ",".join(order)).encode()


def _plain(value: Any) -> tuple[str, Any]:
    if isinstance(value, datetime):
        return "t", value.isoformat()
    if isinstance(value, date):
        return "d", value.isoformat()
    if isinstance(value, UUID):
        return "u", value.hex
    if isinstance(value, str | int):
        return "p", value
    raise TypeError(f"a list cannot be ordered by {type(value).__name__}")


_BACK: dict[str, Callable[[Any], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "u": UUID,
    "p": lambda value: value,
}


def _encode(key: tuple[Any, ...], order: Sequence[str], *, is_back: bool) -> str:
    sealed = crypto.seal(msgspec.json.encode([is_back, [_plain(value) for value in key]]), _list_name(order))
    return urlsafe_b64encode(sealed).decode().rstrip("=")


def _decode(cursor: str, order: Sequence[str]) -> _Position:
    try:
        sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        is_back, key = msgspec.json.decode(
            crypto.unseal(sealed, _list_name(order)), type=tuple[bool, list[tuple[str, Any]]]
        )
        values = tuple(_BACK[kind](value) for kind, value in key)
    except (ValueError, KeyError, IndexError, Base64Error, InvalidTag, msgspec.MsgspecError) as error:
        raise Invalid(_("这个翻页链接不适用于当前列表，请从第一页开始。"), code="bad_cursor") from error
    if len(values) != len(order):
        raise Invalid(_("这个翻页链接不适用于当前列表，请从第一页开始。"), code="bad_cursor")
    return _Position(values, is_back)
