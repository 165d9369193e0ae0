"""For tests of this module and those above: applications that are LTI tools."""

from __future__ import annotations

from typing import Any

from joserfc.jwk import RSAKey

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import adopt, make_application
from lingqu.kernel.actor import Actor
from lingqu.kernel.ids import uuid7

from .models import ResourceLink, Tool
from .services.tools import Settings, save
from .types.words import Service

SYSTEM = Actor.system("test")
TOOL = "https://tool.example.cn"
KEY = RSAKey.generate_key(2048, {"kid": "tool-1", "use": "sig", "alg": "RS256"}, private=True)
"""The key of every tool here, unless a test has its own."""


def make_tool(settings: dict[str, Any] | None = None, **application: Any) -> tuple[applications.App, Tool]:
    """A live application whose tool has the usual addresses, every service and a pasted key."""
    app = make_application(**application)
    given: dict[str, Any] = {
        "login_url": f"{TOOL}/login", "redirect_uris": (f"{TOOL}/launch",), "target_url": f"{TOOL}/open",
        "deep_linking_url": f"{TOOL}/choose", "services": tuple(Service.values),
        "keys": KEY.as_pem(private=False).decode(), **(settings or {}),
    }  # fmt: skip
    return app, save(actor=SYSTEM, application_id=app.id, settings=Settings(**given))


def put_link(tool: Tool, group: Any, title: str = "分数小测", **columns: Any) -> ResourceLink:
    """A resource of the tool in a class."""
    return ResourceLink.objects.create(tool=tool, class_group=group, title=title, by="王老师", **columns)


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    own, other = (_sample(node) for node in (world.own, world.other))
    return {name: (arguments, other[name]) for name, arguments in own.items()}


def _sample(node: Any) -> dict[str, dict[str, Any]]:
    """A tool of the node's county in use at its school, with a resource in its class."""
    app, tool = make_tool(organisation=node.county)
    adopt(app, node.school)
    link, client = {"link_id": put_link(tool, node.group).id}, {"client_id": app.client_id}
    return {
        "lti:settings": client, "lti:enter": client, "lti:open": link, "lti:remove": link, "lti:times": link,
        "lti:choose": {**client, "class_id": node.group.id},
        **{f"lti:{name}": {"item_id": uuid7()} for name in ("item", "scores", "results")},
    }  # fmt: skip
