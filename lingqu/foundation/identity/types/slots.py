"""Places that modules above fill."""

from __future__ import annotations

from lingqu.kernel.slots import Slot

ONWARD: Slot[str, str] = Slot("identity.onward")
"""Given an address of ours to which the door will lead, the origin that it sends the browser on to; None if it does not."""
