"""The agent that stands for an application in the statements it writes (1.0.3 Data 2.4.9)."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings

from ..models import Credential

_known: dict[int, dict[str, Any]] = {}


def authority_of(name: str) -> str:
    """JSON of the agent that stands for an application."""
    account = {"homePage": settings.LINGQU_PUBLIC_URL, "name": name}
    return msgspec.json.encode({"objectType": "Agent", "account": account}).decode()


def authority_by_id(credential: int) -> dict[str, Any]:
    """The same for a credential by its id."""
    if credential not in _known:
        row = Credential.objects.filter(id=credential).values_list("key", "tenant__application__client_id").get()
        _known[credential] = msgspec.json.decode(authority_of(row[1] or row[0]))
    return _known[credential]
