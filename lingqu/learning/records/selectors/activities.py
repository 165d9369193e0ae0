"""Activities as they are known here."""

from __future__ import annotations

from typing import Any

import msgspec

from ..models import Term
from .keys import term_key


def activity_at(tenant: int, iri: str) -> dict[str, Any]:
    """The activity with everything that statements said about it; unknown ones have no definition."""
    rows = Term.objects.filter(tenant_id=tenant, kind=Term.ACTIVITY, iri_key=term_key(iri))
    body = rows.values_list("body", flat=True).first()
    made: dict[str, Any] = {"objectType": "Activity", "id": iri}
    return made | ({"definition": msgspec.json.decode(body)} if body else {})
