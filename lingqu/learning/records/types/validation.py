"""Statements against the specification (1.0.3 Data 2; 2.0 4.2): every rule, with the place of what breaks it.

One walk checks and notes what a statement speaks of: agents, activities, verbs. Written by hand because it runs for each
statement: a general schema takes ten times as long and cannot say most of these rules.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .agents import check_actor, check_agent, check_group, unknown_key
from .definitions import check_activity, check_extensions, check_language_map
from .faults import Fault
from .formats import is_duration, is_iri, is_language, is_media_type, is_sha2, is_uuid, moment_of

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
_STATEMENT = frozenset(
    {"id", "actor", "verb", "object", "result", "context", "timestamp", "stored", "authority", "version", "attachments"}
)
_SUB_STATEMENT = frozenset({"objectType", "actor", "verb", "object", "result", "context", "timestamp", "attachments"})
_RESULT = frozenset({"score", "success", "completion", "response", "duration", "extensions"})
_SCORE = frozenset({"scaled", "raw", "min", "max"})
_CONTEXT = frozenset(
    {
        "registration",
        "instructor",
        "team",
        "contextActivities",
        "revision",
        "platform",
        "language",
        "statement",
        "extensions",
    }
)
_CONTEXT_2 = _CONTEXT | {"contextAgents", "contextGroups"}
_CONTEXT_ACTIVITIES = frozenset({"parent", "grouping", "category", "other"})
_ATTACHMENT = frozenset({"usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"})
_VERSION_1, _VERSION_2 = ("1.0",), ("1.0", "2.0")


class Found:
    """What one statement speaks of. ``agents``: (object, whether only related), ``activities`` likewise."""

    __slots__ = ("activities", "agents", "reference", "registration", "verbs", "voids")

    def __init__(self) -> None:
        self.agents: list[tuple[dict[str, Any], bool]] = []
        self.activities: list[tuple[dict[str, Any], bool]] = []
        self.verbs: list[dict[str, Any]] = []
        self.registration = ""
        self.reference = ""
        self.voids = False

    def actor(self, value: dict[str, Any], related: bool) -> None:
        self.agents.append((value, related))
        for member in value.get("member", ()):
            self.agents.append((member, related))


def check_statement(value: Any, path: str, *, is_2: bool) -> Found:
    """Raises :class:`Fault` at the first rule that is broken. Brings context activities into arrays."""
    if type(value) is not dict:
        raise Fault("a statement is an object", path)
    if not value.keys() <= _STATEMENT:
        raise unknown_key(value, _STATEMENT, path)
    found = Found()
    if "id" in value:
        _uuid(value["id"], path + ".id")
    _check_core(value, path, found, related=False, is_2=is_2)
    if "authority" in value:
        _check_authority(value["authority"], path + ".authority")
    if "version" in value:
        _check_version(value["version"], path + ".version", is_2)
    if "stored" in value:
        _moment(value["stored"], path + ".stored", is_2)
    verb, target = value["verb"], value["object"]
    if target.get("objectType") == "StatementRef":
        found.reference = target["id"]
    if verb["id"] == VOIDED:
        if not found.reference:
            raise Fault("the object of a voiding statement is a StatementRef", path + ".object")
        found.voids = True
    return found


def _check_core(value: dict[str, Any], path: str, found: Found, *, related: bool, is_2: bool) -> None:
    """What statements and sub-statements share."""
    for name in ("actor", "verb", "object"):
        if name not in value:
            raise Fault(f"{name} is missing", f"{path}.{name}")
    actor = value["actor"]
    check_actor(actor, path + ".actor")
    found.actor(actor, related)
    _check_verb(value["verb"], path + ".verb")
    found.verbs.append(value["verb"])
    kind = _check_object(value["object"], path + ".object", found, related=related, is_2=is_2)
    if "result" in value:
        _check_result(value["result"], path + ".result")
    if "context" in value:
        _check_context(value["context"], path + ".context", found, kind, related=related, is_2=is_2)
    if "timestamp" in value:
        _moment(value["timestamp"], path + ".timestamp", is_2)
    if "attachments" in value:
        _check_attachments(value["attachments"], path + ".attachments")


def _check_verb(verb: Any, path: str) -> None:
    if type(verb) is not dict:
        raise Fault("must be an object", path)
    if not verb.keys() <= {"id", "display"}:
        raise unknown_key(verb, {"id", "display"}, path)
    if type(verb.get("id")) is not str or not is_iri(verb["id"]):
        raise Fault("must be an IRI", path + ".id")
    if "display" in verb:
        check_language_map(verb["display"], path + ".display")


def _check_object(value: Any, path: str, found: Found, *, related: bool, is_2: bool) -> str:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        check_activity(value, path)
        found.activities.append((value, related))
    elif kind in ("Agent", "Group"):
        check_actor(value, path)
        found.actor(value, related)
    elif kind == "StatementRef":
        _check_reference(value, path)
    elif kind == "SubStatement":
        if related:
            raise Fault("a SubStatement contains no SubStatement", path)
        if not value.keys() <= _SUB_STATEMENT:
            raise unknown_key(value, _SUB_STATEMENT, path)
        _check_core(value, path, found, related=True, is_2=is_2)
    else:
        raise Fault("objectType must be Activity, Agent, Group, StatementRef or SubStatement", path + ".objectType")
    return str(kind)


def _check_reference(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if value.keys() != {"objectType", "id"}:
        raise Fault("a StatementRef has objectType and id", path)
    if value["objectType"] != "StatementRef":
        raise Fault("objectType must be StatementRef", path + ".objectType")
    _uuid(value["id"], path + ".id")


def _check_result(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _RESULT:
        raise unknown_key(value, _RESULT, path)
    if "score" in value:
        _check_score(value["score"], path + ".score")
    for name in ("success", "completion"):
        if name in value and type(value[name]) is not bool:
            raise Fault("must be true or false", f"{path}.{name}")
    if "response" in value and type(value["response"]) is not str:
        raise Fault("must be a string", path + ".response")
    if "duration" in value and (type(value["duration"]) is not str or not is_duration(value["duration"])):
        raise Fault("must be an ISO 8601 duration", path + ".duration")
    if "extensions" in value:
        check_extensions(value["extensions"], path + ".extensions")


def _check_score(score: Any, path: str) -> None:
    if type(score) is not dict:
        raise Fault("must be an object", path)
    if not score.keys() <= _SCORE:
        raise unknown_key(score, _SCORE, path)
    for name, number in score.items():
        if type(number) is not int and type(number) is not float:
            raise Fault("must be a number", f"{path}.{name}")
    scaled = score.get("scaled")
    if scaled is not None and not -1 <= scaled <= 1:
        raise Fault("must be between -1 and 1", path + ".scaled")
    raw, least, most = score.get("raw"), score.get("min"), score.get("max")
    if least is not None and most is not None and not least < most:
        raise Fault("must be less than max", path + ".min")
    if raw is not None and ((least is not None and raw < least) or (most is not None and raw > most)):
        raise Fault("must be between min and max", path + ".raw")


def _check_context(value: Any, path: str, found: Found, kind: str, *, related: bool, is_2: bool) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    known = _CONTEXT_2 if is_2 else _CONTEXT
    if not value.keys() <= known:
        raise unknown_key(value, known, path)
    if "registration" in value:
        _uuid(value["registration"], path + ".registration")
        if not related:
            found.registration = value["registration"].lower()
    if "instructor" in value:
        check_actor(value["instructor"], path + ".instructor")
        found.actor(value["instructor"], True)
    if "team" in value:
        check_group(value["team"], path + ".team")
        found.actor(value["team"], True)
    if "contextActivities" in value:
        _check_context_activities(value["contextActivities"], path + ".contextActivities", found)
    for name in ("revision", "platform"):
        if name in value:
            if type(value[name]) is not str:
                raise Fault("must be a string", f"{path}.{name}")
            if kind != "Activity":
                raise Fault("only where the object is an Activity", f"{path}.{name}")
    if "language" in value and (type(value["language"]) is not str or not is_language(value["language"])):
        raise Fault("must be a language tag (RFC 5646)", path + ".language")
    if "statement" in value:
        _check_reference(value["statement"], path + ".statement")
    if "extensions" in value:
        check_extensions(value["extensions"], path + ".extensions")
    if "contextAgents" in value:
        _check_involved(value["contextAgents"], path + ".contextAgents", found, "contextAgent", "agent", check_agent)
    if "contextGroups" in value:
        _check_involved(value["contextGroups"], path + ".contextGroups", found, "contextGroup", "group", check_group)


def _check_context_activities(value: Any, path: str, found: Found) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _CONTEXT_ACTIVITIES:
        raise unknown_key(value, _CONTEXT_ACTIVITIES, path)
    for name, listed in value.items():
        if type(listed) is dict:
            listed = value[name] = [listed]
        if type(listed) is not list:
            raise Fault("must be an array of Activities", f"{path}.{name}")
        for at, one in enumerate(listed):
            check_activity(one, f"{path}.{name}[{at}]")
            found.activities.append((one, True))


def _check_involved(
    value: Any, path: str, found: Found, kind: str, name: str, check: Callable[[Any, str], None]
) -> None:
    """``contextAgents`` and ``contextGroups`` (2.0 4.2.2.5)."""
    if type(value) is not list:
        raise Fault("must be an array", path)
    for at, one in enumerate(value):
        place = f"{path}[{at}]"
        if type(one) is not dict:
            raise Fault("must be an object", place)
        if not one.keys() <= {"objectType", name, "relevantTypes"}:
            raise unknown_key(one, {"objectType", name, "relevantTypes"}, place)
        if one.get("objectType") != kind:
            raise Fault(f"objectType must be {kind}", place + ".objectType")
        if name not in one:
            raise Fault(f"{name} is missing", f"{place}.{name}")
        check(one[name], f"{place}.{name}")
        found.actor(one[name], True)
        if "relevantTypes" in one:
            types = one["relevantTypes"]
            if type(types) is not list or not types or not all(type(t) is str and is_iri(t) for t in types):
                raise Fault("must be a filled array of IRIs", place + ".relevantTypes")


def _check_attachments(value: Any, path: str) -> None:
    if type(value) is not list:
        raise Fault("must be an array", path)
    for at, one in enumerate(value):
        place = f"{path}[{at}]"
        if type(one) is not dict:
            raise Fault("must be an object", place)
        if not one.keys() <= _ATTACHMENT:
            raise unknown_key(one, _ATTACHMENT, place)
        if type(one.get("usageType")) is not str or not is_iri(one["usageType"]):
            raise Fault("must be an IRI", place + ".usageType")
        if "display" not in one:
            raise Fault("display is missing", place + ".display")
        check_language_map(one["display"], place + ".display")
        if "description" in one:
            check_language_map(one["description"], place + ".description")
        if type(one.get("contentType")) is not str or not is_media_type(one["contentType"]):
            raise Fault("must be a media type", place + ".contentType")
        if type(one.get("length")) is not int or one["length"] < 0:
            raise Fault("must be a whole number of bytes", place + ".length")
        if type(one.get("sha2")) is not str or not is_sha2(one["sha2"]):
            raise Fault("must be a SHA-2 digest in hexadecimal digits", place + ".sha2")
        if "fileUrl" in one and (type(one["fileUrl"]) is not str or not is_iri(one["fileUrl"])):
            raise Fault("must be an IRL", place + ".fileUrl")


def _check_authority(value: Any, path: str) -> None:
    """An agent, or the group of two that three-legged OAuth makes (1.0.3 Data 2.4.9)."""
    if check_actor(value, path):
        if any(name in value for name in ("mbox", "mbox_sha1sum", "openid", "account")):
            raise Fault("a Group as authority is anonymous", path)
        if len(value["member"]) != 2:
            raise Fault("a Group as authority has two members", path + ".member")


def _check_version(value: Any, path: str, is_2: bool) -> None:
    known = _VERSION_2 if is_2 else _VERSION_1
    if type(value) is str:
        begin, rest = value[:3], value[3:]
        if begin in known and (not rest or (rest[0] == "." and rest[1:].isdecimal())):
            return
    raise Fault(f"must be {' or '.join(known)}, or {known[-1]}.x", path)


def _uuid(value: Any, path: str) -> None:
    if type(value) is not str or not is_uuid(value):
        raise Fault("must be a UUID", path)


def _moment(value: Any, path: str, is_2: bool) -> datetime:
    found = moment_of(value, needs_offset=is_2) if type(value) is str else None
    if found is None:
        raise Fault("must be a timestamp (RFC 3339)" if is_2 else "must be a timestamp (ISO 8601)", path)
    return found
