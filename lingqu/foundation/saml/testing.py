"""For tests of this module and those above: applications that speak SAML."""

from __future__ import annotations

from typing import Any

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.testing import make_application
from lingqu.kernel.actor import Actor
from lingqu.kernel.ids import uuid7

from .services.providers import metadata_from, metadata_of, set_provider

SYSTEM = Actor.system("test")


def make_provider(metadata: bytes = b"", **application: Any) -> applications.App:
    """An application whose service provider is described by metadata, or the usual one."""
    app = make_application(**application)
    usual = metadata_of(
        entity_id=f"https://{app.client_id}.example.cn/", acs_url=f"https://{app.client_id}.example.cn/acs"
    )
    set_provider(actor=SYSTEM, application_id=app.id, metadata=metadata_from(metadata) if metadata else usual)
    return app


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    own, other = (make_provider(organisation_id=node.county.id) for node in (world.own, world.other))
    pair = ({"client_id": own.client_id}, {"client_id": other.client_id})
    return {
        "saml:settings": pair, "saml:enter": pair,
        "saml:go_on": ({"pending_id": uuid7()}, {"pending_id": uuid7()}),
    }  # fmt: skip
