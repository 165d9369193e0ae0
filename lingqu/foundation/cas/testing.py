"""For tests of this module and those above: applications that speak CAS."""

from __future__ import annotations

from typing import Any

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import make_application
from lingqu.kernel.actor import Actor

from .services import read_places, set_places

SYSTEM = Actor.system("test")


def make_service(*urls: str, **application: Any) -> applications.App:
    """An application with these places."""
    app = make_application(**application)
    set_places(actor=SYSTEM, application_id=app.id, places=read_places("\n".join(urls or ("https://app.example.cn/",))))
    return app


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    own, other = (
        make_service(f"https://cas{at}.example.cn/", organisation_id=node.county.id)
        for at, node in enumerate((world.own, world.other))
    )
    return {"cas:settings": ({"client_id": own.client_id}, {"client_id": other.client_id})}
