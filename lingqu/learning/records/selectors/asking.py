"""What a query of statements asks for: parameters to marks and bounds (1.0.3 Communication 2.1.3; 2.0 4.1.6.1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection

from lingqu.kernel import crypto

from ..models import Actor, Credential, Term
from ..types.agents import check_actor, identifier_of
from ..types.faults import Fault
from ..types.formats import is_iri, is_uuid, moment_of
from ..types.jsontext import read_json
from ..types.marks import (
    ACTIVITY,
    ACTIVITY_RELATED,
    AGENT,
    AGENT_RELATED,
    TICKS,
    VERB,
    mark_of,
    registration_mark,
    seq_at,
)
from .keys import actor_digest, term_key
from .statements import Wanted

ONE = frozenset({"statementId", "voidedStatementId"})
SHAPES = frozenset({"format", "attachments"})
FILTERS = frozenset(
    {
        "agent", "verb", "activity", "registration", "related_activities", "related_agents", "since", "until", "limit",
        "ascending",
    }
)  # fmt: skip
FORMATS = ("exact", "ids", "canonical")
USUAL, MOST = 50, 500
NOTHING = -(1 << 62)
"""A mark that no statement has: what is not known was never spoken of."""


def check_parameters(parameters: Mapping[str, str]) -> None:
    """Refuse unknown parameters, wrong values, and filters beside an id."""
    if unknown := sorted(set(parameters) - ONE - SHAPES - FILTERS):
        raise Fault(f"there is no parameter {unknown[0][:50]}")
    asked = ONE & set(parameters)
    if len(asked) == 2:
        raise Fault("statementId and voidedStatementId exclude each other")
    if asked and (others := sorted(FILTERS & set(parameters))):
        raise Fault(f"{others[0]} cannot stand beside {next(iter(asked))}")
    for name in asked:
        if not is_uuid(parameters[name]):
            raise Fault(f"{name} must be a UUID")
    if parameters.get("format", "exact") not in FORMATS:
        raise Fault("format must be exact, ids or canonical")
    for name in ("attachments", "related_activities", "related_agents", "ascending"):
        if parameters.get(name, "false").lower() not in ("true", "false"):
            raise Fault(f"{name} must be true or false")


def is_true(parameters: Mapping[str, str], name: str) -> bool:
    return parameters.get(name, "").lower() == "true"


def wanted_of(tenant: int, parameters: Mapping[str, str]) -> Wanted:
    wanted = Wanted(ascending=is_true(parameters, "ascending"), limit=_limit_of(parameters))
    for name, is_after in (("since", True), ("until", False)):
        if name in parameters:
            moment = moment_of(parameters[name].replace(" ", "+"), needs_offset=False)
            if moment is None:
                raise Fault(f"{name} must be a timestamp (ISO 8601)")
            seq = max(0, min(seq_at(moment) + TICKS, 1 << 62))
            if is_after:
                wanted.begin = seq
            else:
                wanted.end = seq
    if "agent" in parameters:
        _ask_agent(tenant, parameters, wanted)
    if "registration" in parameters:
        if not is_uuid(parameters["registration"]):
            raise Fault("registration must be a UUID")
        wanted.choices.append([registration_mark(tenant, parameters["registration"].lower())])
    if "activity" in parameters:
        thing = _term(tenant, Term.ACTIVITY, parameters["activity"], "activity")
        related = is_true(parameters, "related_activities")
        wanted.choices.append(_both(thing, ACTIVITY, ACTIVITY_RELATED, related))
    if "verb" in parameters:
        wanted.choices.append(_both(_term(tenant, Term.VERB, parameters["verb"], "verb"), VERB, VERB, False))
    return wanted


def _both(thing: int | None, role: int, related_role: int, related: bool) -> list[int]:
    if thing is None:
        return [NOTHING]
    return [mark_of(thing, role), *([mark_of(thing, related_role)] if related else [])]


def _limit_of(parameters: Mapping[str, str]) -> int:
    text = parameters.get("limit", "")
    if text and not (text.isascii() and text.isdecimal()):
        raise Fault("limit must be a whole number, not negative")
    return min(int(text[:9] or USUAL) or MOST, MOST)


def _ask_agent(tenant: int, parameters: Mapping[str, str], wanted: Wanted) -> None:
    agent = read_json(parameters["agent"].encode(), "agent")
    check_actor(agent, "agent")
    identifier = identifier_of(agent)
    if not identifier:
        raise Fault("agent needs an identifier", "agent")
    related = is_true(parameters, "related_agents")
    found = Actor.objects.filter(tenant_id=tenant, digest=actor_digest(tenant, identifier)).values_list("id", flat=True)
    wanted.choices.append(_both(found.first(), AGENT, AGENT_RELATED, related))
    account = agent.get("account")
    if related and account and account["homePage"] == settings.LINGQU_PUBLIC_URL:
        rows = Credential.objects.filter(tenant_id=tenant)
        names = rows.values_list("id", "key", "tenant__application__client_id")
        wanted.credentials = [number for number, key, client in names if (client or key) == account["name"]]


def _term(tenant: int, kind: int, iri: str, name: str) -> int | None:
    if not is_iri(iri):
        raise Fault(f"{name} must be an IRI")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM records_term WHERE tenant_id = %s AND kind = %s AND iri_key = %s",
            [tenant, kind, term_key(iri)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def sealed_cursor(parameters: Mapping[str, str], seq: int) -> str:
    """Where a list goes on: the question and the last number, sealed because the question may name somebody."""
    text = msgspec.json.encode([dict(parameters), seq])
    return base64.urlsafe_b64encode(crypto.seal(text, b"records.more")).decode().rstrip("=")


def open_cursor(text: str) -> tuple[dict[str, str], int]:
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        parameters, seq = msgspec.json.decode(crypto.unseal(sealed, b"records.more"))
    except (binascii.Error, ValueError, InvalidTag):
        raise Fault("the address of the next page is not one of ours") from None
    return parameters, seq


def going_on(wanted: Wanted, seq: int) -> Wanted:
    if wanted.ascending:
        wanted.begin = seq + 1
    else:
        wanted.end = seq
    return wanted


def needed_files(rows: list[Any]) -> list[str]:
    """sha2 of the attachments of rows, each once, in order."""
    return list(dict.fromkeys(one for row in rows if row.files for one in row.files.split(" ")))
