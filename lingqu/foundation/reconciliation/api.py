"""The door of reconciliation: all that other modules may use."""

from .matching.staging import stage_file
from .services.running import perform, start_run
from .types import rights

__all__ = ["perform", "rights", "stage_file", "start_run"]
