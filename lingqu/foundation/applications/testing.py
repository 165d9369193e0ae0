"""For tests of this module and those above: applications in any state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .models import Adoption, Application, ScopeGrant
from .selectors.apps import get_application
from .services.registering import Details, create_live
from .services.secrets import make_secret
from .types.values import App

SYSTEM = Actor.system("test")


def make_application(
    name: str = "口语小教练",
    *,
    scopes: Sequence[str] = ("profile", "roles"),
    by_consent: Sequence[str] = (),
    adopted_by: Sequence[Any] | None = None,
    audiences: Sequence[str] = (),
    **columns: Any,
) -> App:
    """A live application of no protocol, used by the whole region unless ``adopted_by`` names organisations.

    ``by_consent`` are further scopes granted on the basis of consent; ``columns`` are set as they are.
    """
    made = create_live(actor=SYSTEM, details=Details(name=name, audiences=audiences), scopes=[*scopes, *by_consent])
    ScopeGrant.objects.filter(application_id=made.id, scope__in=by_consent).update(basis="consent")
    if adopted_by is not None:
        Adoption.objects.filter(application_id=made.id).delete()
        for organisation in adopted_by:
            adopt(made, organisation)
    if columns:
        Application.objects.filter(id=made.id).update(**columns)
    return get_application(made.id)


def adopt(app: App, organisation: Any = None, **columns: Any) -> Adoption:
    """An organisation (the root without one) has used the application since yesterday."""
    return Adoption.objects.create(
        application_id=app.id, organisation=organisation or registry.ensure_root(),
        **{"valid_from": today() - timedelta(days=1), **columns},
    )  # fmt: skip


def secret_of(app: App) -> str:
    """A fresh secret in clear."""
    return make_secret(actor=SYSTEM, application_id=app.id).value
