"""Clients for tests of this module and those above, and samples for the test that visits every address."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lingqu.foundation.applications import testing as applications
from lingqu.foundation.identity import testing as identity
from lingqu.kernel.actor import Actor

from .services.clients import Settings, save
from .types.words import AuthMethod

SYSTEM = Actor.system("test")
CALLBACK, AFTER = "https://rp.example/callback", "https://rp.example/after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A live application that speaks OpenID Connect, with a secret if it has one."""

    app: Any
    secret: str

    @property
    def client_id(self) -> str:
        return str(self.app.client_id)


def client(
    *, scopes: Sequence[str] = ("profile", "roles"), by_consent: Sequence[str] = (), app: Any = None, **settings: Any
) -> Registered:
    """With the usual addresses; ``by_consent`` are scopes that need agreement, ``settings`` those of the module."""
    made = app or applications.make_application(scopes=scopes, by_consent=by_consent)
    given = {"redirect_uris": (CALLBACK,), "post_logout_uris": (AFTER,), **settings}
    saved = save(actor=SYSTEM, application_id=made.id, settings=Settings(**given))
    has_secret = saved.auth_method == AuthMethod.SECRET
    return Registered(app=made, secret=applications.secret_of(made) if has_secret else "")


def teacher(name: str = "王小明") -> Any:
    """The account of somebody who teaches at a school, in use."""
    school = identity.make_school(code=f"33010{secrets.randbelow(10**5):05d}")
    group, person = identity.make_class(school), identity.make_person(name, organisation=school)
    identity.employ(person, school)
    identity.teach(person, group)
    return identity.account_for(person)


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    own, other = (
        client(app=applications.make_application(organisation_id=node.county.id)) for node in (world.own, world.other)
    )
    return {"oidc:client": ({"client_id": own.client_id}, {"client_id": other.client_id})}
