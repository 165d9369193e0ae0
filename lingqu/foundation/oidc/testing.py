"""Clients for tests of this module and those above."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor

from .services.clients import Settings, save


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    id: UUID
    client_id: str
    secret: str


def client(*, asks_consent: bool = False, scopes: tuple[str, ...] = ("profile", "phone"), **settings: Any) -> Registered:
    from lingqu.foundation.applications.models import Application, Secret
    a = Application.objects.create(client_id="lq" + secrets.token_hex(8), name="试", scopes=list(scopes))
    s = secrets.token_urlsafe(32)
    is_secret = settings.get("auth_method", "secret") == "secret"
    Secret.objects.create(application=a, digest=sha256(s.encode()).digest())
    save(actor=Actor.system("test"), application_id=a.id, settings=Settings(**settings))
    return Registered(id=a.id, client_id=a.client_id, secret=s if is_secret else "")
