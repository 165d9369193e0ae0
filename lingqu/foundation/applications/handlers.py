"""What follows when sessions end. May run twice."""

from __future__ import annotations

from lingqu.foundation.identity import api as identity
from lingqu.kernel.events import on

from .services.telling import queue_notices


@on(identity.SessionsEnded)
def tell_applications(event: identity.SessionsEnded) -> None:
    """Every application that the sessions entered is told, once."""
    queue_notices(event.session_ids)
