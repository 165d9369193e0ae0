"""Statements as they are given out: exact, by ids only, or with the store's own definitions in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from django.db import connection

from ..models import Term
from ..types.agents import IDENTIFIERS
from ..types.marks import moment_at
from .authority import authority_by_id
from .consistency import moment
from .keys import term_key
from .restoring import restored
from .statements import Row

_decode = msgspec.json.Decoder().decode


def shaped(tenant: int, rows: Sequence[Row], shape: str, languages: Sequence[str]) -> list[dict[str, Any]]:
    """``languages`` in order of preference, for ``canonical``."""
    statements = restored([row.body for row in rows])
    whole = [_whole(row, body) for row, body in zip(rows, statements, strict=True)]
    if shape == "ids":
        return [_changed(one, _ids_agent, _ids_activity, lambda verb: {"id": verb["id"]}) for one in whole]
    if shape == "canonical":
        return _canonical(tenant, whole, languages)
    return whole


def _whole(row: Row, body: dict[str, Any]) -> dict[str, Any]:
    stored = moment(moment_at(row.seq))
    made = {"id": row.id, **body, "stored": stored, "authority": authority_by_id(row.credential)}
    made.setdefault("timestamp", stored)
    made.setdefault("version", "2.0.0" if row.version == 2 else "1.0.0")
    return made


def _ids_agent(agent: dict[str, Any]) -> dict[str, Any]:
    kept = {name: agent[name] for name in ("objectType", *IDENTIFIERS) if name in agent}
    if len(kept) == 1 and "member" in agent:
        kept["member"] = [_ids_agent(one) for one in agent["member"]]
    return kept


def _ids_activity(activity: dict[str, Any]) -> dict[str, Any]:
    return {"id": activity["id"]}


Part = Callable[[dict[str, Any]], dict[str, Any]]


def _changed(statement: dict[str, Any], agent: Part, activity: Part, verb: Part) -> dict[str, Any]:
    """A copy in which agents, activities and verbs are replaced."""
    made = {**statement, "actor": agent(statement["actor"]), "verb": verb(statement["verb"])}
    target = statement["object"]
    kind = target.get("objectType", "Activity")
    if kind == "Activity":
        made["object"] = activity(target)
    elif kind in ("Agent", "Group"):
        made["object"] = agent(target)
    elif kind == "SubStatement":
        made["object"] = _changed(target, agent, activity, verb)
    if "authority" in made:
        made["authority"] = agent(made["authority"])
    context = statement.get("context")
    if context:
        made["context"] = context = dict(context)
        for name in ("instructor", "team"):
            if name in context:
                context[name] = agent(context[name])
        for listed, name in (("contextAgents", "agent"), ("contextGroups", "group")):
            if listed in context:
                context[listed] = [{**one, name: agent(one[name])} for one in context[listed]]
        if "contextActivities" in context:
            groups = context["contextActivities"].items()
            context["contextActivities"] = {name: [activity(one) for one in many] for name, many in groups}
    return made


def _canonical(tenant: int, statements: list[dict[str, Any]], languages: Sequence[str]) -> list[dict[str, Any]]:
    spoken: set[tuple[int, str]] = set()

    def note(kind: int) -> Part:
        def noted(thing: dict[str, Any]) -> dict[str, Any]:
            spoken.add((kind, thing["id"]))
            return thing

        return noted

    for one in statements:
        _changed(one, _same, note(Term.ACTIVITY), note(Term.VERB))
    bodies = bodies_of_terms(tenant, spoken)

    def activity(thing: dict[str, Any]) -> dict[str, Any]:
        body = bodies.get((Term.ACTIVITY, thing["id"]))
        return {**thing, "definition": in_language(body, languages)} if body else thing

    def verb(thing: dict[str, Any]) -> dict[str, Any]:
        body = bodies.get((Term.VERB, thing["id"])) or thing.get("display")
        return {**thing, "display": one_of(body, languages)} if body else thing

    return [_changed(one, _same, activity, verb) for one in statements]


def _same(thing: dict[str, Any]) -> dict[str, Any]:
    return thing


def bodies_of_terms(tenant: int, keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], dict[str, Any]]:
    """What was last said about activities (``Term.ACTIVITY``: definition) and verbs (display)."""
    wanted = list(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, iri, body FROM records_term WHERE tenant_id = %s AND body IS NOT NULL"
            " AND (kind, iri_key) IN (SELECT * FROM unnest(%s::smallint[], %s::uuid[]))",
            [tenant, [kind for kind, _iri in wanted], [term_key(iri) for _kind, iri in wanted]],
        )
        return {(kind, iri): _decode(body) for kind, iri, body in cursor.fetchall()}


def in_language(definition: dict[str, Any], languages: Sequence[str]) -> dict[str, Any]:
    """A definition with one language in each of its language maps."""
    made = dict(definition)
    for name in ("name", "description"):
        if made.get(name):
            made[name] = one_of(made[name], languages)
    for name in ("choices", "scale", "source", "target", "steps"):
        if name in made:
            made[name] = [
                {**one, "description": one_of(one["description"], languages)} if one.get("description") else one
                for one in made[name]
            ]
    return made


def one_of(texts: dict[str, str], languages: Sequence[str]) -> dict[str, str]:
    """The entry that fits best: the same tag, then the same language, then any."""
    by_tag = {tag.lower(): tag for tag in texts}
    for asked in languages:
        if asked in by_tag:
            return {by_tag[asked]: texts[by_tag[asked]]}
        begin = asked.split("-")[0]
        for low, tag in by_tag.items():
            if low.split("-")[0] == begin:
                return {tag: texts[tag]}
    tag = next(iter(texts))
    return {tag: texts[tag]}


def preferred(header: str) -> list[str]:
    """Tags of an Accept-Language header in lower case, best first (RFC 9110 12.5.4)."""
    found = []
    for at, part in enumerate(header.split(",")):
        tag, _semicolon, rest = part.strip().partition(";")
        weight = 1.0
        if rest.strip().startswith("q="):
            try:
                weight = float(rest.strip()[2:])
            except ValueError:
                weight = 0.0
        if tag and tag != "*" and weight > 0:
            found.append((-weight, at, tag.lower()))
    return [tag for _weight, _at, tag in sorted(found)]
