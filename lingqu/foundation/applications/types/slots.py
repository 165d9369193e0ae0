"""What each protocol fills in, in its ``contributions.py``, by its name."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from lingqu.kernel.actor import Actor
from lingqu.kernel.slots import Slot

from .values import AfterConsent, App, Guide, LogoutCall, SettingsCard, Took

LOGOUT: dict[str, Callable[[Took], LogoutCall | None]] = {}
"""Protocol → the message that tells an application that a session ended; None when it wants none. Made anew for each
try, so that short-lived tokens in it are fresh."""
ENTRIES: dict[str, Callable[[App, HttpRequest], str | None]] = {}
"""Protocol → where one click on the shelf leads; None when the application does not speak it."""
CREATORS: dict[str, Callable[[App, Namespace], dict[str, Any]]] = {}
"""Protocol → makes the client of ``lingqu app create`` from its options and returns what is to be printed."""
KEY_REPLACERS: dict[str, Callable[[Actor], None]] = {}
"""Protocol → replaces its signing keys at once: what the old ones signed is not believed again."""
GUIDES: dict[str, Callable[[App | None], Guide]] = {}
"""Protocol → its documentation page, with the values of an application or with placeholders."""
AFTER_CONSENT: dict[str, AfterConsent] = {}
"""Protocol → how it goes on once its consent page was answered."""
SANDBOX_RESET: Slot[UUID, None] = Slot("applications.sandbox_reset")
"""Given a vendor whose sandbox begins anew, a module takes out what it holds of its sandbox classes, in the same
transaction."""
SETTINGS: Slot[App, SettingsCard] = Slot("applications.settings")
"""Given an application, a protocol's card on its page."""
