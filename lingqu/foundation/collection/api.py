"""The door of collection: all that other modules may use."""

from .selectors.lists import count_month
from .types import rights

__all__ = ["count_month", "rights"]
