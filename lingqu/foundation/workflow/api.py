"""The door of processes: all that other modules may use."""

from .types.graph import Graph
from .types.participants import Rule, RuleKind

__all__ = ["Graph", "Rule", "RuleKind"]
