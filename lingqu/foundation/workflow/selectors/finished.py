"""办件档案: finished cases found by number, name, process and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.pages import Page, merge_branches

from .. import register
from ..models import Case, CaseFile, DefinitionVersion
from ..types import rights
from ..types.views import CaseLine
from .cases import case_line
from .clocks import end_of

ORDER = ("-ended_at", "-id")
MOST_PEOPLE, MOST_KEYS = 100, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """``words``: a case's number, or the whole name of the applicant or of the person concerned. Days include both ends."""

    words: str = ""
    key: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None


def list_finished(actor: Actor, sought: Sought, *, cursor: str = "", limit: int = 50) -> Page[CaseLine]:
    """Finished cases of the places whose progress the actor may see, the latest end first."""
    places = actor.paths(rights.CASE_VIEW)
    require(bool(places) or actor.is_system)
    rows = Case.objects.filter(ended_at__isnull=False, parent=None).defer("engine")
    if sought.state:
        rows = rows.filter(state=sought.state)
    if sought.key:
        versions = DefinitionVersion.objects.filter(key=sought.key).values_list("id", flat=True)
        rows = rows.filter(version__in=list(versions))
    if sought.since:
        rows = rows.filter(ended_at__gte=end_of(sought.since - timedelta(days=1)))
    if sought.until:
        rows = rows.filter(ended_at__lt=end_of(sought.until))
    found = _by_words(rows, sought.words) if sought.words else [rows]
    branches = [one.filter(path__within=place) for one in found for place in places] or found
    page = merge_branches(branches, order=ORDER, limit=limit, cursor=cursor)
    return page.showing(case_line(one) for one in page.items)


def _by_words(rows: Any, words: str) -> list[Any]:
    """Each on an index of its own: the number, or people of this name."""
    people = list(register.people().filter(name=words).values_list("id", flat=True)[:MOST_PEOPLE])
    ids = sorted({one for person in people for one in registry.ids_of(person)}) if people else []
    return [rows.filter(number=words), rows.filter(starter_id__in=ids), rows.filter(subject_id__in=ids)]


def keys_known(actor: Actor) -> list[tuple[str, str]]:
    """(key, name) of processes that have run at the actor's places or above."""
    places = actor.paths(rights.CASE_VIEW)
    above = {one for place in places for one in register.upwards(place)}
    rows = DefinitionVersion.objects.exclude(published_at=None)
    found = dict(rows.filter(path__in=above).values_list("key", "name").distinct()[:MOST_KEYS])
    for place in places:
        found |= dict(rows.filter(path__within=place).values_list("key", "name").distinct()[:MOST_KEYS])
    return sorted(found.items(), key=lambda pair: pair[1])


def files_of(case_id: Any) -> list[CaseFile]:
    return list(CaseFile.objects.filter(case=case_id).order_by("id"))
