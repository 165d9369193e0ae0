"""What the shell shows around every page: navigation, role switcher, language, type size."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from lingqu.kernel import navigation
from lingqu.kernel.access import actor_of
from lingqu.kernel.slots import Slot

AVATAR_TONES = 6

PLACES: Slot[HttpRequest, dict[str, Any]] = Slot("ui.places")
"""The role-and-place switcher: filled by whoever knows roles. Each part: role, organisation, choices, url."""
PLATFORM_NAME: Slot[HttpRequest, str] = Slot("ui.platform_name")


def initial(name: str) -> str:
    """The character on an avatar: the first of a Chinese name, the first letter of another."""
    return (name.strip()[:1] or "·").upper()


def tone(name: str) -> int:
    """A steady colour number for an avatar."""
    return sum(map(ord, name)) % AVATAR_TONES


class Shell:
    """Lazy: a fragment that shows no shell pays nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.large_type = request.COOKIES.get("lq_type") == "large"
        self.path = request.path

    @cached_property
    def navigation(self) -> navigation.Navigation:
        return navigation.entries_for(actor_of(self.request), self.request.path)

    @cached_property
    def place(self) -> dict[str, Any] | None:
        found = PLACES.collect(actor_of(self.request), self.request)
        return found[0] if found else None

    @cached_property
    def platform_name(self) -> str:
        found = PLATFORM_NAME.collect(actor_of(self.request), self.request)
        return found[0] if found else ""

    @property
    def tone(self) -> Callable[[str], int]:
        return tone
