"""Documents beside statements: which there are, when one may be written, and how two are merged (1.0.3 Communication 2.2,
3.1; 2.0 4.1.4, 4.1.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from .faults import Changed, Clash, Fault
from .versions import V1

STATE, AGENT_PROFILE, ACTIVITY_PROFILE = 1, 2, 3
LARGEST = 16 << 20
LONGEST_NAME = 2_000
JSON = "application/json"
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where documents stand. ``agent`` is a checked agent, ``activity`` an IRI; what a kind does not have is empty."""

    kind: int
    tenant: int
    agent: Mapping[str, Any] = field(default_factory=dict)
    activity: str = ""
    registration: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    content_type: str
    body: bytes
    etag: str
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a request says about the document that it expects (RFC 9110 13.1)."""

    version: str
    if_match: str | None = None
    if_none_match: str | None = None


def etag_of(body: bytes) -> str:
    """SHA-1 of the bytes in hexadecimal, as 1.0.3 asks."""
    return hashlib.sha1(body, usedforsecurity=False).hexdigest()


def names_tag(header: str, etag: str) -> bool:
    """Whether a list of entity tags names this one; ``*`` names any."""
    return any(one.strip().removeprefix("W/").strip('"') in (etag, "*") for one in header.split(","))


def check_conditions(asked: Conditions, etag: str | None) -> None:
    """``etag`` of what stands there, None for nothing. Raises :class:`Changed`."""
    if asked.if_match is not None and (etag is None or not names_tag(asked.if_match, etag)):
        raise Changed("If-Match does not name the document that stands here")
    if asked.if_none_match is not None and etag is not None and names_tag(asked.if_none_match, etag):
        raise Changed("If-None-Match excludes the document that stands here")


def check_overwriting(asked: Conditions, kind: int, etag: str | None) -> None:
    """A PUT says what it expects: in 1.0.3 for profiles always, in 2.0 for whatever stands there already."""
    if asked.if_match is not None or asked.if_none_match is not None:
        return
    if asked.version == V1 and kind == STATE:
        return
    if etag is not None:
        raise Clash("a document stands here: send If-Match with its ETag, or If-None-Match: *")
    if asked.version == V1:
        raise Fault("PUT of a profile needs If-Match or If-None-Match")


def media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    return media_type(content_type) == JSON


def check_body(content_type: str, body: bytes, *, is_object: bool) -> None:
    """What calls itself JSON is JSON; what is to be merged an object."""
    if not is_json(content_type):
        return
    try:
        (_OBJECT if is_object else _ANY).decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Fault("the document is no JSON object" if is_object else "the document is not JSON", "$") from error


def merged(before: Document, content_type: str, body: bytes) -> bytes:
    """The properties of ``body`` over those of ``before``, one level deep; values stay byte for byte."""
    if not is_json(before.content_type) or not is_json(content_type):
        raise Fault("only documents of application/json are merged; use PUT to replace one")
    try:
        return msgspec.json.encode(_OBJECT.decode(before.body) | _OBJECT.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Fault("only JSON objects are merged", "$") from error
