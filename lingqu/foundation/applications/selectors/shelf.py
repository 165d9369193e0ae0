"""The shelf: what somebody in a role at a place may open, and what each application learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.kernel.actor import Actor

from ..models import Application, SandboxPerson
from ..types.scopes import COLLECTED, SCOPES
from ..types.slots import ENTRIES
from ..types.values import App
from ..types.words import AppState
from .apps import IN_SANDBOX, as_app, with_grants
from .entering import Seat, fits, live_adoptions
from .sandbox import ROLE as SANDBOX

CATEGORIES = {
    "teaching": (_("课堂教学"), "lesson", "brand"), "homework": (_("作业评价"), "grade", "indigo"),
    "lab": (_("实验探究"), "flask", "green"), "health": (_("身心健康"), "heart", "coral"),
    "family": (_("家校沟通"), "family", "amber"), "office": (_("校务管理"), "building", "violet"),
    "other": (_("其他应用"), "apps", ""),
}  # fmt: skip
"""Kind of an application: its title, icon and colour."""
MOST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One application on the shelf. ``reads`` are titles of what it learns beside a number, ``collects`` of what it takes by
    itself."""

    app: App
    summary: str
    maker: str
    category: str
    reads: tuple[str, ...]
    collects: tuple[str, ...]
    image: str
    """Address of its own picture; empty where it has none."""

    @property
    def title(self) -> str:
        return str(CATEGORIES[self.category][0])

    @property
    def icon(self) -> str:
        return CATEGORIES[self.category][1]

    @property
    def tone(self) -> str:
        return CATEGORIES[self.category][2]


def list_shelf(actor: Actor) -> tuple[Card, ...]:
    """What the actor may open in the chosen role."""
    return list_cards(actor.account_id, seats_of_actor(actor)) if actor.account_id else ()


def list_cards(account_id: UUID | None, seats: Sequence[Seat]) -> tuple[Card, ...]:
    """Live applications that a place above the seats uses and that are for the role; by name. A sandbox person sees the
    applications of the vendor. Two statements."""
    above = {
        ".".join(parts[:n]) for seat in seats for parts in [seat.path.split(".")] for n in range(1, len(parts) + 1)
    }
    adoptions: dict[UUID, list[Any]] = {}
    for row in live_adoptions().filter(organisation__path__in=above) if above else ():
        adoptions.setdefault(row.application_id, []).append(row)
    mine = SandboxPerson.objects.filter(Q(account=account_id), vendor_id=OuterRef("vendor_id"))
    tried = Q(is_sandbox=True, state__in=IN_SANDBOX) & Exists(mine)
    rows = with_grants(Application.objects.filter(Q(state=AppState.LIVE, id__in=adoptions) | tried))
    shown = [
        row
        for row in rows.select_related("vendor", "organisation").order_by("name", "id")[:MOST]
        if row.is_sandbox
        or any(
            fits(seat, row.audiences) and fits(seat, one.audiences) and _is_at(seat, str(one.organisation.path))
            for one in adoptions[row.id]
            for seat in seats
        )
    ]
    return tuple(as_card(row) for row in shown)


def as_card(row: Any) -> Card:
    """``row`` comes from ``with_grants``, with vendor and organisation."""
    app = as_app(row)
    return Card(
        app=app, summary=row.summary, maker=row.vendor.name if row.vendor else row.organisation.name,
        category=row.category if row.category in CATEGORIES else "other",
        image=image_of(row), reads=tuple(str(SCOPES[code].title) for code in app.scopes if code in SCOPES and code != "openid"),
        collects=tuple(str(COLLECTED[code].title) for code in app.collects),
    )  # fmt: skip


def image_of(row: Any) -> str:
    """Address of the application's picture; another one after each change, so that browsers may keep it."""
    return f"{reverse('applications:icon', args=[row.client_id])}?v={row.icon_digest[:12]}" if row.icon_digest else ""


def seats_of_actor(actor: Actor) -> tuple[Seat, ...]:
    """The chosen role at its place; a guardian is where the children sit, a sandbox person nowhere."""
    if actor.role == SANDBOX:
        return ()
    if actor.path:
        return (Seat(actor.role, actor.path),)
    return tuple(Seat(actor.role, path) for path in sorted({r.path for r in actor.rights if ":" not in r.path}))


def entry_of(app: App, request: HttpRequest) -> str:
    """Where one click leads: by a protocol the application speaks, else its own address; empty if there is none."""
    for protocol in sorted(ENTRIES):
        if address := ENTRIES[protocol](app, request):
            return address
    return app.entry_url or app.home_url


def _is_at(seat: Seat, path: str) -> bool:
    return seat.path == path or seat.path.startswith(path + ".")
