"""Which pupils of a class have a consent for which application."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.clock import today

from .. import register
from ..models import Application, Consent, ConsentBatch
from ..types.scopes import DECLARED
from ..types.words import AppState
from .apps import as_app, with_grants
from .entering import live_adoptions


def class_board(group: Any, chosen: UUID | None) -> dict[str, Any]:
    """Applications that need consent and reach the school, the chosen one's pupils, and batches handed in."""
    parts = str(group.school.path).split(".")
    above = [".".join(parts[:n]) for n in range(1, len(parts) + 1)]
    used = live_adoptions(today()).filter(organisation__path__in=above).values("application_id")
    rows = with_grants(Application.objects.filter(state=AppState.LIVE, id__in=used))
    apps = [one for row in rows.order_by("name", "id")[:300] if (one := as_app(row)).consent_scopes]
    app = next((one for one in apps if one.id == chosen), apps[0] if apps else None)
    seats = register.of_person("class_memberships").filter(class_group=group, valid_to=None).select_related("person")
    pupils = [seat.person for seat in seats.order_by("number", "person__name_key", "id")[:200]]
    given: dict[UUID, set[str]] = {}
    if app is not None:
        consents = Consent.objects.filter(
            application_id=app.id, person_id__in=[one.id for one in pupils], ended_at=None
        )
        for person_id, scopes in consents.values_list("person_id", "scopes"):
            given.setdefault(person_id, set()).update(scopes)
    batches = ConsentBatch.objects.filter(class_group=group).select_related("application").order_by("-made_at")
    return {
        "apps": apps, "app": app, "batches": list(batches[:20]),
        "wanted": [str(DECLARED[code].title) for code in (app.consent_scopes if app else ()) if code in DECLARED],
        "pupils": [(one, app is not None and set(app.consent_scopes) <= given.get(one.id, set())) for one in pupils],
    }  # fmt: skip
