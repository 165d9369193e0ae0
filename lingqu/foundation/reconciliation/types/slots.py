"""What other modules know and a comparison asks."""

from __future__ import annotations

from uuid import UUID

from lingqu.kernel.slots import Slot

BEYOND_PROVINCE: Slot[str, frozenset[UUID]] = Slot("reconciliation.beyond_province")
"""People below a path whose transfer from or to another province is under way: 跨省在途."""
