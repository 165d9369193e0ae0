"""Going up and coming back in a browser, and what a ticket interface tells."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.test import Client

from lingqu.foundation.upstream.models import Source
from lingqu.foundation.upstream.testing import make_source

from .platforms import Platform

ID_NUMBER = "110101199003070000"


def ticket_source(above: Platform, **values: Any) -> Source:
    options = {"login_url": f"{above.url}/login", "verify_url": f"{above.url}/verify", "appid": "lingqu"}
    return make_source(options=options, **values)


def told(**data: str) -> dict[str, Any]:
    return {"code": 0, "data": {"user_id": "P-77", "name": "苏文", "id_number": ID_NUMBER, "session_id": "s-1", **data}}


def go(browser: Client, door: str = "province", /, **given: str) -> Any:
    """Up and back again with an answer."""
    begun = browser.get(f"/from/{door}?next=/me")
    assert begun.status_code == 302, begun.content[:300]
    query = parse_qs(urlsplit(begun["Location"]).query)
    state = (
        query.get("state") or parse_qs(urlsplit((query.get("redirect") or query.get("service"))[0]).query)["state"]
    )[0]
    return browser.get(f"/from/{door}/back", {"state": state, **given})


def is_in(browser: Client) -> bool:
    return browser.get("/me").status_code == 200
