"""The door of quality: all that other modules may use."""

from .selectors.findings import get_score
from .services.evaluating import evaluate, prepare
from .types import PlaceScore

__all__ = ["PlaceScore", "evaluate", "get_score", "prepare"]
