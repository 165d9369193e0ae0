"""The catalogue: guides shipped with the platform, with what the nearest office adds."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from lingqu.kernel.errors import NotFound

from ..types.guides import Guide, find, read_guide, read_materials
from .rules import note_at

SHIPPED = Path(__file__).resolve().parents[1] / "data" / "services.json"


@cache
def all_guides() -> tuple[Guide, ...]:
    return tuple(read_guide(row) for row in json.loads(SHIPPED.read_text(encoding="utf-8")))


def get_service(code: str) -> Guide:
    found = next((guide for guide in all_guides() if guide.code == code), None)
    if found is None:
        raise NotFound()
    return found


def list_guides(*, audience: str = "", theme: str = "", text: str = "") -> tuple[Guide, ...]:
    guides = find(all_guides(), text[:60])
    return tuple(
        guide
        for guide in guides
        if (not audience or audience in guide.audiences) and (not theme or guide.theme == theme)
    )


def guide_at(code: str, path: str) -> tuple[Guide, str]:
    """The guide as it counts at a place, and whom to call there."""
    guide = get_service(code)
    note = note_at(path, code) if path else None
    if note is None:
        return guide, ""
    materials = read_materials(note.materials) or guide.materials
    return replace(guide, days=note.days or guide.days, materials=materials), note.contact
