"""Activities with their definitions, language maps and extensions (1.0.3 Data 2.4.4.1, 4.1, 4.2; 2.0 4.2.2.3)."""

from __future__ import annotations

from typing import Any

from .agents import unknown_key
from .faults import Fault
from .formats import is_iri, is_language

_ACTIVITY = frozenset({"objectType", "id", "definition"})
_COMPONENTS = {
    "choices": ("choice", "sequencing"), "scale": ("likert",), "source": ("matching",), "target": ("matching",),
    "steps": ("performance",),
}  # fmt: skip
_DEFINITION = frozenset(
    {
        "name",
        "description",
        "type",
        "moreInfo",
        "extensions",
        "interactionType",
        "correctResponsesPattern",
        *_COMPONENTS,
    }
)
_INTERACTIONS = frozenset(
    {
        "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance", "sequencing", "likert", "numeric",
        "other",
    }
)  # fmt: skip
_ONLY_INTERACTIONS = frozenset({"correctResponsesPattern", *_COMPONENTS})


def check_activity(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _ACTIVITY:
        raise unknown_key(value, _ACTIVITY, path)
    if "objectType" in value and value["objectType"] != "Activity":
        raise Fault("objectType must be Activity", path + ".objectType")
    if type(value.get("id")) is not str or not is_iri(value["id"]):
        raise Fault("must be an IRI", path + ".id")
    if "definition" in value:
        _check_definition(value["definition"], path + ".definition")


def _check_definition(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    if not value.keys() <= _DEFINITION:
        raise unknown_key(value, _DEFINITION, path)
    for name in ("name", "description"):
        if name in value:
            check_language_map(value[name], f"{path}.{name}")
    for name in ("type", "moreInfo"):
        if name in value and (type(value[name]) is not str or not is_iri(value[name])):
            raise Fault("must be an IRI", f"{path}.{name}")
    if "extensions" in value:
        check_extensions(value["extensions"], path + ".extensions")
    if "interactionType" in value:
        if type(value["interactionType"]) is not str or value["interactionType"] not in _INTERACTIONS:
            raise Fault("must be a CMI interaction type", path + ".interactionType")
    elif not _ONLY_INTERACTIONS.isdisjoint(value):
        raise Fault("interactionType is missing", path + ".interactionType")
    if not _ONLY_INTERACTIONS.isdisjoint(value):
        _check_interaction(value, path)


def _check_interaction(value: dict[str, Any], path: str) -> None:
    pattern = value.get("correctResponsesPattern", [])
    if type(pattern) is not list or not all(type(one) is str for one in pattern):
        raise Fault("must be an array of strings", path + ".correctResponsesPattern")
    for name, kinds in _COMPONENTS.items():
        if name not in value:
            continue
        if value["interactionType"] not in kinds:
            raise Fault(f"only with interactionType {' or '.join(kinds)}", f"{path}.{name}")
        _check_components(value[name], f"{path}.{name}")


def _check_components(value: Any, path: str) -> None:
    if type(value) is not list:
        raise Fault("must be an array", path)
    seen = set()
    for at, one in enumerate(value):
        place = f"{path}[{at}]"
        if type(one) is not dict:
            raise Fault("must be an object", place)
        if not one.keys() <= {"id", "description"}:
            raise unknown_key(one, {"id", "description"}, place)
        if type(one.get("id")) is not str or not one["id"]:
            raise Fault("must be a string", place + ".id")
        if one["id"] in seen:
            raise Fault("stands there twice", place + ".id")
        seen.add(one["id"])
        if "description" in one:
            check_language_map(one["description"], place + ".description")


def check_language_map(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be a language map", path)
    for tag, text in value.items():
        if not is_language(tag):
            raise Fault("must be a language tag (RFC 5646)", f"{path}.{tag[:50]}")
        if type(text) is not str:
            raise Fault("must be a string", f"{path}.{tag}")


def check_extensions(value: Any, path: str) -> None:
    if type(value) is not dict:
        raise Fault("must be an object", path)
    for key in value:
        if not is_iri(key):
            raise Fault("keys of extensions are IRIs", f"{path}.{key[:100]}")
