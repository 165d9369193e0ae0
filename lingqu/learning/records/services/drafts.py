"""Statements on their way: checked, then with rows for whom and what they speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lingqu.kernel.ids import uuid7

from ..models import Term
from ..types.faults import Fault
from ..types.marks import ACTIVITY, ACTIVITY_RELATED, AGENT, AGENT_RELATED, VERB, registration_mark
from ..types.validation import Found, check_statement
from . import actors, terms


@dataclass(slots=True)
class Draft:
    """A checked statement on its way: ``body`` names agents by face once ``marks`` are there."""

    id: str
    body: dict[str, Any]
    found: Found
    is_chosen: bool
    files: str | None
    marks: set[int]


def check_all(
    statements: Sequence[Any], *, is_2: bool, root: str = "$", is_single: bool = False, received: Mapping[str, Any] = {}
) -> list[Draft]:
    """Drafts of what was sent; :class:`Fault` at the first broken rule. ``received`` holds attachments by sha2."""
    drafts, seen = [], set()
    for at, statement in enumerate(statements):
        path = root if is_single else f"{root}[{at}]"
        found = check_statement(statement, path, is_2=is_2)
        chosen = statement.pop("id", None)
        number = chosen.lower() if chosen else str(uuid7())
        if number in seen:
            raise Fault("the same id stands twice in one request", path + ".id")
        seen.add(number)
        statement.pop("stored", None)
        statement.pop("authority", None)
        files = " ".join(
            one["sha2"].lower() for one in attachments_of(statement) if one["sha2"].lower() in received
        )  # fmt: skip
        drafts.append(Draft(number, statement, found, bool(chosen), files or None, set()))
    return drafts


def attachments_of(statement: dict[str, Any]) -> list[dict[str, Any]]:
    own: list[dict[str, Any]] = statement.get("attachments", [])
    inner = statement["object"].get("attachments", [])
    return [*own, *inner] if inner else own


def bring_in(tenant: int, drafts: Sequence[Draft]) -> None:
    """Rows of whom and what drafts speak of; bodies name faces from now on."""
    named = [[_text_of(agent) for agent, _related in draft.found.agents] for draft in drafts]
    agents = {
        text: agent
        for draft, texts in zip(drafts, named, strict=True)
        for text, (agent, _related) in zip(texts, draft.found.agents, strict=True)
        if text
    }
    known = actors.resolve(tenant, agents)
    things = [
        (Term.ACTIVITY, activity["id"], activity.get("definition"))
        for draft in drafts
        for activity, _related in draft.found.activities
    ]
    things += [(Term.VERB, verb["id"], verb.get("display")) for draft in drafts for verb in draft.found.verbs]
    ids = terms.resolve(tenant, things)
    for draft, texts in zip(drafts, named, strict=True):
        draft.marks = _marks(tenant, draft.found, texts, known, ids)


def _text_of(agent: dict[str, Any]) -> bytes:
    """How it was written; empty without an identifier."""
    return actors.face_json(agent) if _has_identifier(agent) else b""


def _has_identifier(agent: dict[str, Any]) -> bool:
    return "account" in agent or "mbox" in agent or "mbox_sha1sum" in agent or "openid" in agent


def _marks(
    tenant: int, found: Found, texts: list[bytes], known: dict[bytes, tuple[int, int]], ids: dict[tuple[int, str], int]
) -> set[int]:
    """Marks of a statement; its agents become references to faces on the way."""
    marks = set()
    for text, (agent, related) in zip(texts, found.agents, strict=True):
        if text:
            face, actor = known[text]
            if related:
                marks.add(actor << 4 | AGENT_RELATED)
            else:
                marks.add(actor << 4 | AGENT)
            members = agent.get("member")
            agent.clear()
            agent["$"] = face
            if members is not None:
                agent["member"] = members
    for activity, related in found.activities:
        marks.add(ids[Term.ACTIVITY, activity["id"]] << 4 | (ACTIVITY_RELATED if related else ACTIVITY))
    marks -= {mark | 1 for mark in marks if not mark & 1}
    marks.add(ids[Term.VERB, found.verbs[0]["id"]] << 4 | VERB)
    if found.registration:
        marks.add(registration_mark(tenant, found.registration))
    return marks
