"""What stands in the bar and in the rail, for whom. Modules add their entries in ``contributions.py``.

    navigation.group("register", _("学校与人员"), order=20)
    navigation.add(_("班级"), "registry:classes", group="register", icon="class", rights=("registry.class.view",))

An entry without audiences and rights is for everybody who is signed in. Seeing an entry gives no right: the page asks
again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

from .actor import Actor

logger = logging.getLogger(__name__)

Label = str | Promise
Badge = Callable[[Actor], int]
PLACES = ("bar", "rail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A titled part of the rail."""

    code: str
    label: Label
    order: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One link as declared. ``audiences`` are role codes, ``rights`` right codes; one match of either kind suffices.
    ``at_top``: a right counts only where it is held at the top of the tree."""

    label: Label
    url_name: str
    group: str
    place: str
    icon: str
    audiences: frozenset[str]
    rights: tuple[str, ...]
    order: int
    badge: Badge | None
    at_top: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One link as shown to one actor; ``badge`` counts what waits for them."""

    label: str
    url: str
    url_name: str
    icon: str
    badge: int
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    code: str
    label: str
    entries: tuple[Shown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Navigation:
    """``bar``: the entries of the top bar. ``rail``: groups in order, without empty ones."""

    bar: tuple[Shown, ...]
    rail: tuple[ShownGroup, ...]


_GROUPS: dict[str, Group] = {}
_ENTRIES: dict[tuple[str, str], Entry] = {}


def group(code: str, label: Label, *, order: int = 100) -> None:
    """Name a part of the rail; naming it again replaces label and order."""
    _GROUPS[code] = Group(code=code, label=label, order=order)


def add(
    label: Label,
    url_name: str,
    *,
    group: str = "",
    place: str = "rail",
    icon: str = "",
    audiences: Sequence[str] = (),
    rights: Sequence[str] = (),
    order: int = 100,
    badge: Badge | None = None,
    at_top: bool = False,
) -> None:
    """Declare one link; the same address in the same place is replaced, so discovery may run twice."""
    if place not in PLACES:
        raise ValueError(f"place is one of {PLACES}, not {place!r}")
    _ENTRIES[(place, url_name)] = Entry(
        label=label, url_name=url_name, group=group, place=place, icon=icon, audiences=frozenset(audiences),
        rights=tuple(rights), order=order, badge=badge, at_top=at_top,
    )  # fmt: skip


def is_open_to(entry: Entry, actor: Actor) -> bool:
    if not actor.is_signed_in:
        return False
    if not entry.audiences and not entry.rights:
        return True
    if entry.at_top:
        return any(map(actor.holds_at_top, entry.rights))
    return actor.role in entry.audiences or any(actor.has(code) for code in entry.rights)


def entries_for(actor: Actor, current_path: str = "") -> Navigation:
    """Bar and rail of this actor; the longest address that begins ``current_path`` is the current one."""
    visible = [(entry, url) for entry in _ENTRIES.values() if is_open_to(entry, actor) and (url := _address(entry))]
    current = _longest_prefix([url for _entry, url in visible], current_path)
    shown: dict[tuple[str, str], list[tuple[int, Shown]]] = {}
    for entry, url in visible:
        made = Shown(
            label=str(entry.label), url=url, url_name=entry.url_name, icon=entry.icon,
            badge=entry.badge(actor) if entry.badge else 0, is_current=url == current,
        )  # fmt: skip
        key = ("bar", "") if entry.place == "bar" else ("rail", entry.group)
        shown.setdefault(key, []).append((entry.order, made))
    ordered = {
        key: tuple(made for _order, made in sorted(found, key=lambda pair: pair[0])) for key, found in shown.items()
    }
    groups = sorted({code for place, code in ordered if place == "rail"}, key=lambda code: (_group(code).order, code))
    return Navigation(
        bar=ordered.get(("bar", ""), ()),
        rail=tuple(
            ShownGroup(code=code, label=str(_group(code).label), entries=ordered[("rail", code)]) for code in groups
        ),
    )


def list_entries() -> tuple[Entry, ...]:
    """Every declared entry, for tests that follow them all."""
    return tuple(_ENTRIES.values())


def _group(code: str) -> Group:
    return _GROUPS.get(code) or Group(code=code, label="", order=1000)


def _address(entry: Entry) -> str:
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        logger.error("navigation entry without address", extra={"url_name": entry.url_name})
        return ""


def _longest_prefix(urls: Sequence[str], path: str) -> str:
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url.rstrip("/") + "/"))]
    return max(fitting, key=len, default="")
