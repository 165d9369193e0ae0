"""Tables of yearly work."""

from .placement import Placement, PlacementPupil
from .rollover import PlannedClass, PupilDecision, Rollover, RolloverRun, SchoolPlan

__all__ = ["Placement", "PlacementPupil", "PlannedClass", "PupilDecision", "Rollover", "RolloverRun", "SchoolPlan"]
