"""Which application an address belongs to; tickets."""

from __future__ import annotations

from uuid import UUID

from .addresses import prefixes_of, read_place
from .models import Service, Ticket
from .types import Place


def find_client_id(service: str) -> str | None:
    """The application in whose registered place the address lies, the closest one; None when nobody's."""
    place = read_place(service)
    if place is None:
        return None
    rows = Service.objects.filter(origin=place.origin, path__in=prefixes_of(place)).select_related("application")
    found = max(rows, key=lambda row: len(row.path.rstrip("/")), default=None)
    return found.application.client_id if found else None


def list_places(application_id: UUID) -> tuple[Place, ...]:
    rows = Service.objects.filter(application_id=application_id).order_by("id")
    return tuple(Place(origin=row.origin, path=row.path) for row in rows)


def find_ticket(digest: bytes) -> Ticket | None:
    """A ticket with application, session and account; the session stays as it is until the transaction ends."""
    rows = Ticket.objects.select_related("application", "session__account")
    return rows.select_for_update(of=("session",), no_key=True).filter(digest=digest).first()
