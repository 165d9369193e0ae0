"""Right codes of reconciliation. Where they are held is said by ``kernel.actor.Right.path``."""

from __future__ import annotations

VIEW = "reconciliation.view"
"""Buckets, cases with masked identifiers, the officer to call, history, and the work list as a workbook."""
WORK = "reconciliation.work"
"""Say how a case is handled, add evidence, open and withdraw tickets for 关键数据变更."""
RUN = "reconciliation.run"
"""Compare the latest national file anew."""

ALL = (VIEW, WORK, RUN)
