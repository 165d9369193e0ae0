"""The timetable's door: all that other modules may use."""

from .types import rights

__all__ = ["rights"]
