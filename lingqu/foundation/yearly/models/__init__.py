"""Tables of yearly work."""

from .rollover import PlannedClass, PupilDecision, Rollover, RolloverRun, SchoolPlan

__all__ = ["PlannedClass", "PupilDecision", "Rollover", "RolloverRun", "SchoolPlan"]
