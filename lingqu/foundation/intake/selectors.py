"""Reads of imports: scope first, then pages by key."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, merge_branches, page_of

from .models import Finding, Import
from .reading.delivery import Known
from .types import IMPORT_VIEW


def known_facts() -> Known:
    """What the reader needs from the register."""
    return Known(
        schools=registry.school_facts(), codes=registry.code_names(), school_year=registry.current_school_year()
    )


def list_imports(*, actor: Actor, cursor: str = "") -> Page[Import]:
    """Imports at or below the places where the actor may see them, newest first."""
    paths = [""] if actor.is_system else list(actor.paths(IMPORT_VIEW))
    base = Import.objects.select_related("organisation")
    branches = [base.filter(path__within=path) if path else base for path in paths] or [base.none()]
    return merge_branches(branches, order=("-created_at", "-id"), cursor=cursor)


def get_import(*, actor: Actor, number: str) -> Import:
    found = Import.objects.select_related("organisation", "source").filter(number=number).first()
    if found is None:
        raise NotFound()
    require(actor.holds(IMPORT_VIEW, str(found.path)))
    return found


def list_findings(*, owner: Import, severity: str = "", rule: str = "", cursor: str = "") -> Page[Finding]:
    rows = Finding.objects.filter(owner=owner)
    if severity:
        rows = rows.filter(severity=severity)
    if rule:
        rows = rows.filter(rule=rule)
    return page_of(rows, order=("id",), cursor=cursor)
