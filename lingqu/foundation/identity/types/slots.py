"""Places that modules above fill."""

from __future__ import annotations

from lingqu.foundation.registry import api as registry
from lingqu.kernel.slots import Slot

from .values import OtherDoor

ONWARD: Slot[str, str] = Slot("identity.onward")
"""Given an address of ours to which the door will lead, the origin that it sends the browser on to; None if it does not."""
OTHER_DOORS: Slot[str, tuple[OtherDoor, ...]] = Slot("identity.other_doors")
"""Given the address to go on to, further ways to sign in, shown below the form."""
OWN_LINKS: Slot[None, registry.PageLink] = Slot("identity.own_links")
"""Further pages about oneself, shown on the own page."""
