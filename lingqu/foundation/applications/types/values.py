"""Values that cross the door of applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from lingqu.kernel.errors import Forbidden


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """An application as the protocols see it. ``scopes`` are the granted ones; ``audiences`` role codes, empty = all.

    ``is_live``: may answer at all, for everybody or, while ``is_sandbox``, for the vendor's sandbox people.
    ``session_minutes`` caps its own session where it cannot be told that the sign-in ended.
    ``on_screen``: enters from a class screen too.
    """

    id: UUID
    client_id: str
    name: str
    state: str
    is_live: bool
    is_sandbox: bool
    subject_type: str
    session_minutes: int | None
    on_screen: bool
    logout_support: bool
    organisation_id: UUID
    organisation_path: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...]
    home_url: str
    entry_url: str
    vendor_id: UUID | None
    consent_scopes: tuple[str, ...] = ()
    """Granted scopes whose basis is consent, and ``collects``."""
    collects: tuple[str, ...] = ()
    """What it takes from its users by itself (:data:`COLLECTED`); nobody enters without consent to each."""
    secrets: tuple[bytes, ...] = field(default=(), repr=False)
    """Digests of the secrets that held when it was read."""


@dataclass(frozen=True, slots=True)
class AfterConsent:
    """How a protocol goes on: ``agreed`` with request, application, session and what it kept when it asked; ``refused`` with
    application and the same, where the protocol has an answer for the application; else the person stays on a page of ours."""

    agreed: Callable[[HttpRequest, App, Any, Any], HttpResponse]
    refused: Callable[[App, Any], HttpResponse] | None = None


class EntryRefused(Forbidden):
    """Somebody may not enter an application. ``code``: not_live, screen, sandbox, not_adopted, audience, consent."""

    code = "entry_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One participation: a session entered an application by a protocol. ``data`` is what a logout message needs."""

    session_id: UUID
    account_id: UUID
    application: App
    protocol: str
    key: str
    data: Mapping[str, Any]
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogoutCall:
    """A logout message as it is posted."""

    url: str
    body: bytes
    content_type: str = "application/x-www-form-urlencoded"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsCard:
    """A protocol's card on an application's page: labelled lines to copy, and the way to its own form."""

    protocol: str
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    is_ready: bool | None = False
    """Whether it is set up; None: its own page tells."""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One thing to try from a guide: ``text`` is shown as code, with the application's own values filled in."""

    title: str
    text: str
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """The documentation page of a protocol: real addresses of this platform, and examples."""

    protocol: str
    title: str
    summary: str
    addresses: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret as shown once. ``id`` names it afterwards."""

    id: int
    value: str
    expires_at: datetime | None
