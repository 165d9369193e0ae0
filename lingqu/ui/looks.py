"""What the shell shows around every page: navigation, role switcher, language, type size."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import translation

from lingqu import __version__
from lingqu.kernel.access import actor_of
from lingqu.kernel.navigation import Navigation, Shown, entries_for
from lingqu.kernel.slots import Slot

AVATAR_TONES = 6
TABS_FROM_NAVIGATION = 4
MY_ACCOUNT = "/me"

PLACES: Slot[HttpRequest, dict[str, Any]] = Slot("ui.places")
"""The role-and-place switcher, filled by whoever knows roles: ``role``, ``organisation``, ``url`` (answers a POST of
the field ``role``), ``choices``, each with ``value``, ``role``, ``organisation`` ``current``; perhaps ``icon``."""
SEARCH: Slot[HttpRequest, str] = Slot("ui.search")
"""Address of the page that finds things, for those who may."""
LANGUAGE_CHOSEN: Slot[str, None] = Slot("ui.language_chosen")
"""Told the language a visitor switched to, for whoever can remember it beyond the browser."""
PLATFORM_NAME: Slot[HttpRequest, str] = Slot("ui.platform_name")
"""The deployer's name of the platform, under the word mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something the reader has to do, above every page: a sentence, and a verb that leads there."""

    text: str
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """Where what came in is read, and the address of the bell with its count, fetched after the page."""

    url: str
    refresh: str


BELL: Slot[HttpRequest, Bell] = Slot("ui.bell")
ANNOUNCEMENTS: Slot[HttpRequest, Announcement] = Slot("ui.announcements")


def initial(name: str) -> str:
    """The character on an avatar: the first of a Chinese name, the first letter of another."""
    return (name.strip()[:1] or "·").upper()


def last_initial(name: str) -> str:
    """The last character, by which a child is called."""
    return (name.strip()[-1:] or "·").upper()


def tone(name: str) -> int:
    """A steady colour number for an avatar."""
    return sum(ord(sign) * (5 * place + 7) for place, sign in enumerate(name)) % AVATAR_TONES


class Shell:
    """Lazy: a fragment that shows no shell pays nothing."""

    version = __version__

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.large_type = request.COOKIES.get("lq_type") == "large"
        self.path = request.path

    @property
    def address(self) -> str:
        """Where a choice about looks comes back to."""
        return self.request.get_full_path() if self.request.method in {"GET", "HEAD"} else self.path

    @property
    def other_language(self) -> tuple[str, str]:
        """Code and sign of the language one may switch to."""
        return ("zh-hans", "中") if translation.get_language() == "en" else ("en", "EN")

    @cached_property
    def navigation(self) -> Navigation:
        return entries_for(actor_of(self.request), self.request.path)

    @cached_property
    def tabs(self) -> tuple[Shown, ...]:
        """The tab bar of phones: the bar's first entry, then the first of the rail."""
        rail = [entry for group in self.navigation.rail for entry in group.entries]
        first = list(self.navigation.bar[:1])
        known = {entry.url for entry in first} | {MY_ACCOUNT}
        return tuple([*first, *(entry for entry in rail if entry.url not in known)][:TABS_FROM_NAVIGATION])

    @cached_property
    def place(self) -> dict[str, Any] | None:
        found = PLACES.collect(actor_of(self.request), self.request)
        return found[0] if found else None

    @cached_property
    def announcements(self) -> tuple[Announcement, ...]:
        return ANNOUNCEMENTS.collect(actor_of(self.request), self.request)

    @cached_property
    def bell(self) -> Bell | None:
        found = BELL.collect(actor_of(self.request), self.request)
        return found[0] if found else None

    @cached_property
    def search_url(self) -> str:
        found = SEARCH.collect(actor_of(self.request), self.request)
        return found[0] if found else ""

    @cached_property
    def platform_name(self) -> str:
        found = PLATFORM_NAME.collect(actor_of(self.request), self.request)
        return found[0] if found else ""
