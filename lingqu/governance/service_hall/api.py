"""The door of the service hall: all that other modules may use."""

from .selectors.seats import free_at, seats_of
from .types import rights

__all__ = ["free_at", "rights", "seats_of"]
