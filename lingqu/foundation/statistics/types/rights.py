"""Right codes of statistics. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

SNAPSHOT_VIEW = "statistics.snapshot.view"
"""Figures of snapshots; names behind a figure need the register's own right."""
SNAPSHOT_TAKE = "statistics.snapshot.take"
"""Freeze the rows of a day, and correct a snapshot by a new version."""
SHEET_VIEW = "statistics.sheet.view"
"""Confirmation sheets of the place."""
SHEET_SUBMIT = "statistics.sheet.submit"
"""The clerk: freeze the school's figures into a sheet, upload the sealed scan."""
SHEET_CONFIRM = "statistics.sheet.confirm"
"""The principal: tick, confirm or return."""
ROUND_MANAGE = "statistics.round.manage"
"""The county: open and close a round, see who is missing with phones, receive sealed sheets."""
CONDITIONS_VIEW = "statistics.conditions.view"
CONDITIONS_EDIT = "statistics.conditions.edit"
"""School conditions of a year and the list of rooms."""

ALL = (
    SNAPSHOT_VIEW, SNAPSHOT_TAKE, SHEET_VIEW, SHEET_SUBMIT, SHEET_CONFIRM, ROUND_MANAGE, CONDITIONS_VIEW,
    CONDITIONS_EDIT,
)  # fmt: skip
