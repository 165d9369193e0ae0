"""The door of the service hall: all that other modules may use."""

from .processes import install_services
from .selectors.seats import free_at, seats_of
from .types import rights

__all__ = ["free_at", "install_services", "rights", "seats_of"]
