"""Which schools a collection reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from .. import register
from ..models import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """``places``: codes of subtrees; ``types``: first two digits of JY/T 1001 BXLX, empty for all; ``singles``: codes of
    schools on top of that."""

    places: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    singles: tuple[str, ...] = ()

    def as_data(self) -> dict[str, list[str]]:
        return {"places": list(self.places), "types": list(self.types), "singles": list(self.singles)}


def scope_of(collection: Collection) -> Scope:
    held = collection.scope
    return Scope(
        places=tuple(held.get("places", ())), types=tuple(held.get("types", ())), singles=tuple(held.get("singles", ()))
    )  # fmt: skip


def schools_of(path: str, scope: Scope) -> Any:
    """Open schools and teaching points of a scope that lie below ``path``."""
    own = register.organisations().filter(kind__in=register.SCHOOL_KINDS, closed_on=None, path__within=path)
    wanted = Q(code__in=scope.singles)
    for place in places_of(path, scope.places):
        part = Q(path__within=str(place.path))
        if scope.types:
            kinds = Q()
            for code in scope.types:
                kinds |= Q(school_type__startswith=code)
            part &= kinds
        wanted |= part
    return own.filter(wanted).order_by("path")


def places_of(path: str, codes: Sequence[str]) -> list[Any]:
    """Those of the codes that lie at or below ``path``."""
    return list(register.organisations().filter(code__in=codes, path__within=path, closed_on=None).order_by("path"))


def choices_below(path: str, limit: int = 60) -> list[Any]:
    """The office itself and the offices right below: what a scope is chosen from."""
    rows = register.organisations().filter(path__within=path, closed_on=None).exclude(kind__in=register.NO_OFFICE)
    depth = len(path.split("."))
    return [one for one in rows.order_by("path")[:400] if len(str(one.path).split(".")) <= depth + 1][:limit]
