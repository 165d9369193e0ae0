"""Right codes of yearly work. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

ROLLOVER_VIEW = "yearly.rollover.view"
"""The preview of 学年升级 with its exceptions."""
ROLLOVER_APPLY = "yearly.rollover.apply"
"""Apply, undo and lock at the place; a school alone prepares and does not apply."""
ROLLOVER_DECIDE = "yearly.rollover.decide"
"""Recompute the own preview and decide about single pupils."""
PLACEMENT_VIEW = "yearly.placement.view"
"""Drawn classes, and who was moved afterwards."""
PLACEMENT_RUN = "yearly.placement.run"
"""Prepare, draw, seal and apply 阳光分班."""

ALL = (ROLLOVER_VIEW, ROLLOVER_APPLY, ROLLOVER_DECIDE, PLACEMENT_VIEW, PLACEMENT_RUN)
