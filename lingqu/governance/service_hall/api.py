"""The door of the service hall: all that other modules may use."""

from .processes import install_services
from .selectors.rules import has_rule, shipped_values
from .selectors.seats import free_at, seats_of
from .services.papers import ask_paper
from .services.rules import set_rule
from .types import rights

__all__ = ["ask_paper", "free_at", "has_rule", "install_services", "rights", "seats_of", "set_rule", "shipped_values"]
