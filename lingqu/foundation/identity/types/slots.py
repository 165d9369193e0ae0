"""Places that modules above fill."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Right
from lingqu.kernel.slots import Slot

from .values import Arrival, EnteredApp, OtherDoor, SessionFact

ONWARD: Slot[str, str] = Slot("identity.onward")
"""Given an address of ours to which the door will lead, the origin that it sends the browser on to; None if it does not."""
OTHER_DOORS: Slot[str, tuple[OtherDoor, ...]] = Slot("identity.other_doors")
"""Given the address to go on to, further ways to sign in, shown below the form."""
SCREEN_TILES: Slot[HttpRequest, tuple[dict[str, str], ...]] = Slot("identity.screen_tiles")
"""What a class may open on its screen: dicts with label, href and, if wanted, detail and icon."""
OWN_LINKS: Slot[None, registry.PageLink] = Slot("identity.own_links")
"""Further pages about oneself, shown on the own page."""
ARRIVED: Slot[Arrival, None] = Slot("identity.arrived")
"""Told when somebody whom a module above brought to the door is in, second factor and all."""
ENTERED: Slot[SessionFact, tuple[EnteredApp, ...]] = Slot("identity.entered")
"""Given a session, the applications that it entered, each once."""
PLAYED: Slot[UUID, tuple[Right, ...]] = Slot("identity.played")
"""Given the account of a sandbox person, what it may do with single things that are of the sandbox only."""
