"""Giving tickets, redeeming them once, and keeping the list of an application's places."""

from __future__ import annotations

import secrets
import string
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, Invalid

from . import selectors
from .addresses import read_registered
from .models import Service, Ticket
from .types import MOST_PLACES, TICKET_SECONDS, Outcome, Place, Refused, Validated

PROTOCOL = "cas"
KEPT_HOURS = 24
SIGNS = string.ascii_letters + string.digits
"""CAS 3.0 § 3.7: letters, digits and hyphens, nothing else; clients drop a ticket with another sign unasked."""
TICKET_LENGTH = 32
"""What every client must take (CAS 3.0 § 3.1.1); 29 signs are 172 bits."""


def give_ticket(*, app: applications.App, session_id: UUID, service: str, is_fresh: bool) -> str:
    """A new ticket for exactly this address. The caller has asked whether the account may enter."""
    ticket = "ST-" + "".join(secrets.choice(SIGNS) for _at in range(TICKET_LENGTH - 3))
    Ticket.objects.create(
        digest=digest_of(ticket), application_id=app.id, session_id=session_id, service=service, is_fresh=is_fresh,
        expires_at=now() + timedelta(seconds=TICKET_SECONDS),
    )  # fmt: skip
    return ticket


def redeem(*, ticket: str, service: str, renew: bool) -> tuple[Outcome, applications.App | None]:
    """Use a ticket up and say whose it was. Whatever is wrong with it, it is used up.

    Spec: CAS 3.0 § 2.5: bound to the service, one validation; with ``renew`` only a ticket of a new proof is good.
    """
    if not ticket or not service:
        return Refused(code="INVALID_REQUEST", message="service and ticket are required"), None
    with transaction.atomic():
        used = Ticket.objects.filter(digest=digest_of(ticket), used_at=None).update(used_at=now())
        found = selectors.find_ticket(digest_of(ticket)) if used else None
        if found is None:
            return Refused(code="INVALID_TICKET", message="unknown or used ticket"), None
        app = applications.find_application(found.application.client_id)
        return _judge(found, app, ticket, service, renew=renew), app


def _judge(found: Ticket, app: applications.App | None, ticket: str, service: str, *, renew: bool) -> Outcome:
    session = found.session
    if found.expires_at <= now():
        return Refused(code="INVALID_TICKET", message="expired ticket")
    if found.service != service:
        return Refused(code="INVALID_SERVICE", message="ticket was given to another service")
    if renew and not found.is_fresh:
        return Refused(code="INVALID_TICKET_SPEC", message="ticket does not come from a new sign-in")
    if (
        app is None
        or not app.is_live
        or session.ended_at
        or session.expires_at <= now()
        or not session.account.is_active
    ):
        return Refused(code="INVALID_TICKET", message="session or service has ended")
    subject = applications.subject_of(app=app, account_id=session.account_id)
    claims = applications.tell(
        app=app,
        account_id=session.account_id,
        protocol=PROTOCOL,
        scopes=app.scopes,
        subject=subject,
        session=identity.find_sso_session(session.id),
    )
    applications.join(
        session_id=session.id, app=app, protocol=PROTOCOL, key=ticket,
        data={"service": service, "ticket": ticket, "user": subject},
    )  # fmt: skip
    return Validated(
        user=subject, auth_time=session.auth_time, is_fresh=found.is_fresh, session_id=str(session.id),
        attributes=applications.printed(claims),
    )  # fmt: skip


def digest_of(ticket: str) -> bytes:
    return sha256(ticket.encode()).digest()


def read_places(text: str) -> tuple[Place, ...]:
    """Places as typed, one a line. Raises :class:`Invalid` that names the line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise Invalid(details={"services": _("请至少填写一个服务地址。")})
    if len(lines) > MOST_PLACES:
        raise Invalid(details={"services": _("最多填写 %(most)d 个服务地址。") % {"most": MOST_PLACES}})
    found = []
    for at, line in enumerate(lines, 1):
        place = read_registered(line)
        if place is None:
            told = _(
                "第 %(line)d 行不是完整的网址：以 https:// 或 http:// 开头，没有用户名、问号和“#”，路径里没有“..”。"
            )
            raise Invalid(details={"services": told % {"line": at}})
        found.append(place)
    return tuple(dict.fromkeys(found))


def set_places(*, actor: Actor, application_id: UUID, places: Sequence[Place]) -> None:
    """Replace the list; tickets already given stay good for their seconds. No two applications share a place."""
    path = applications.require_settings(actor=actor, application_id=application_id)
    try:
        with transaction.atomic():
            wanted = set(places)
            for kept in Service.objects.select_for_update().filter(application_id=application_id):
                place = Place(origin=kept.origin, path=kept.path)
                if place in wanted:
                    wanted.remove(place)
                else:
                    kept.delete()
            for place in sorted(wanted, key=lambda one: one.shown):
                Service.objects.create(application_id=application_id, origin=place.origin, path=place.path)
            audit.record(
                actor, "cas.services.set", subject_kind="application", subject_id=application_id, path=path,
                data={"services": [place.shown for place in places]},
            )  # fmt: skip
    except IntegrityError as error:
        raise Conflict(_("其中一个服务地址已登记给另一个应用。")) from error


def purge() -> int:
    """Tickets go a day after their end."""
    return Ticket.objects.filter(expires_at__lt=now() - timedelta(hours=KEPT_HOURS)).delete()[0]


def end_tickets(application_id: UUID) -> int:
    """A suspended application redeems nothing that it was given before."""
    return Ticket.objects.filter(application_id=application_id, used_at=None).delete()[0]
