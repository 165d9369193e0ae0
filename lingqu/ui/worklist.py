"""Cards of the start pages: every module says what waits at a place; whoever draws the page asks this slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar, cast

from django.utils.translation import gettext as _

from lingqu.kernel import clock
from lingqu.kernel.slots import Slot

from .figures import moment

NEAR = timedelta(days=1)
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the actor works: an organisation, and whether it is a school or an office."""

    path: str
    code: str
    is_school: bool
    known: dict[str, object] = field(default_factory=dict, compare=False)
    """What fillings of one page have found out and others need again, by module and name."""

    def once(self, name: str, make: Callable[[], Found]) -> Found:
        """What ``make`` found under this name, asked at most once a page."""
        if name not in self.known:
            self.known[name] = make()
        return cast("Found", self.known[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A button that writes: posted to ``url`` with ``fields``."""

    label: str
    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    is_main: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing. ``parts``: (label, value, tone) of a bar that adds up; ``tags``: (text, tone)."""

    title: str
    url: str = ""
    meta: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, int, str], ...] = ()
    post: Post | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What one module has for the place; ``empty`` is told where nothing waits, ``side``: it stands in the narrow column,
    ``start``: (words, address) of what begins something new."""

    title: str
    rows: tuple[Row, ...] = ()
    tag: str = ""
    tone: str = ""
    meta: str = ""
    more: str = ""
    more_url: str = ""
    empty: str = ""
    side: bool = False
    start: tuple[str, str] | None = None


CARDS: Slot[Place, Card] = Slot("ui.worklist")
"""A filling under the name of a module stands for all to-dos that the module puts on desks of that place."""


def is_near(deadline: datetime | None) -> bool:
    """Within a day, or over."""
    return deadline is not None and deadline - clock.now() < NEAR


def due(deadline: datetime | None) -> tuple[tuple[str, str], ...]:
    """The tag of a deadline: over, the hours that are left, or the moment."""
    if deadline is None:
        return ()
    left = deadline - clock.now()
    hours = int(abs(left) / timedelta(hours=1))
    if left < timedelta(0):
        words = _("逾期 %(n)d 天") % {"n": hours // 24} if hours >= 24 else _("逾期 %(n)d 小时") % {"n": hours}
        return ((words if hours else _("刚过期限"), "coral"),)
    if left < NEAR:
        return ((_("剩 %(n)d 小时") % {"n": hours} if hours else _("剩不到 1 小时"), "amber"),)
    return ((_("%(when)s 截止") % {"when": moment(deadline)}, ""),)
