"""Telling open pages that something changed. Only ids travel; the page re-reads the rows, which are the truth.

A page of an account subscribes with values from :func:`topic_for`, so that the view that knows the rights decides what
may be heard. A writer calls :func:`tell` inside its transaction: the news leaves with the commit, or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.core.signing import BadSignature, TimestampSigner

from . import statements

CHANNEL = "lingqu_live"
TELL_SQL = "SELECT pg_notify(%s, told) FROM unnest(%s::text[]) told"
TOPIC_SECONDS = 24 * 3600
_TOPIC = re.compile(r"[a-z0-9_.:-]{1,100}")
_SIGNER = TimestampSigner(salt="lingqu.live")


def tell(topic: str, identifier: object = "") -> None:
    """Tell listeners of ``topic`` (``import:<uuid>``) that the thing with this id has changed."""
    tell_each([topic], identifier)


def tell_each(topics: Iterable[str], identifier: object = "") -> None:
    """The same for listeners of several topics; one statement."""
    payloads = [payload(topic, identifier) for topic in sorted(set(topics))]
    if payloads:
        statements.run(TELL_SQL, [CHANNEL, payloads])


def payload(topic: str, identifier: object = "") -> str:
    """What :data:`CHANNEL` carries; for writers whose own statement tells. Raises ``ValueError`` for what is no topic."""
    if not _TOPIC.fullmatch(topic):
        raise ValueError("a topic is lower-case letters, digits and . : _ -")
    return f"{topic} {identifier}"


def topic_for(account_id: UUID, topic: str) -> str:
    """The value for ``/live/stream?topic=…`` that lets this account, and no other, hear ``topic`` for a day."""
    return _SIGNER.sign(f"{account_id}|{topic}")


def topic_of(signed: str, account_id: str) -> str | None:
    """The topic inside such a value; None when forged, made for another account, or too old."""
    try:
        owner, _bar, topic = _SIGNER.unsign(signed, max_age=TOPIC_SECONDS).partition("|")
    except BadSignature:
        return None
    return topic if owner == account_id and topic else None
