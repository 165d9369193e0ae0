"""A word to whoever acts for an organisation, by SMS or e-mail."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel import delivery
from lingqu.kernel.errors import TooMany

from ..selectors.contacts import Contact


def write_to(
    contact: Contact, *, subject: str, body: str, kind: str, subject_kind: str, subject_id: object
) -> UUID | None:
    """Queue one message to a contact in the open transaction: by SMS, else by e-mail. Returns its id in delivery, None
    when neither address may be used now (none known, malformed, not admitted, or its share of messages is used up)."""
    for channel, to in (("sms", contact.phone), ("email", contact.email)):
        if not to:
            continue
        try:
            return delivery.send(
                channel=channel, to=to, subject=subject, body=body, kind=kind, subject_kind=subject_kind,
                subject_id=subject_id,
            )  # fmt: skip
        except (delivery.BadAddress, delivery.NotAdmitted, TooMany):
            continue
    return None
