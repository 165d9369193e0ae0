"""Paths that reconciliation repeats follow the organisation tree."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry

COLUMNS = {
    "reconciliation_nationalfile": ("path",), "reconciliation_fileentry": ("path",), "reconciliation_listedchild": ("path",),
    "reconciliation_run": ("path",), "reconciliation_tally": ("path",), "reconciliation_ticket": ("path",),
    "reconciliation_case": ("path", "other_path", "owner_path"), "reconciliation_reminder": ("owner_path",),
}  # fmt: skip


def follow_move(before: str, after: str) -> int:
    """Rewrite the paths at or below ``before``; nothing is left to do the second time. Returns the number of rows."""
    return registry.follow_move(COLUMNS, before, after)
