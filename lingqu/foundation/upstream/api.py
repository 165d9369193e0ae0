"""The door of upstream: all that other modules may use."""

from .selectors import list_doors, list_identifiers
from .services import link_person, save_source

__all__ = ["link_person", "list_doors", "list_identifiers", "save_source"]
