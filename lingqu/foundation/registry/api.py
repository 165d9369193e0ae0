"""The register's door: all that other modules may use."""

from .loading import Batch, Outcome, RowFinding, apply_batch, recount
from .selectors.places import (
    count_roster,
    current_school_year,
    find_organisation,
    find_person,
    find_person_by_staff_number,
    ids_of,
    relations_of,
    root_organisation,
)
from .services.reference import ensure_root, prepare, school_year_of
from .types.facts import ClassFact, PlaceFact, RelationFacts, WardFact
from .types.rows import ROW_KINDS, ROW_ORDER

__all__ = [
    "ROW_KINDS",
    "ROW_ORDER",
    "Batch",
    "ClassFact",
    "Outcome",
    "PlaceFact",
    "RelationFacts",
    "RowFinding",
    "WardFact",
    "apply_batch",
    "count_roster",
    "current_school_year",
    "ensure_root",
    "find_organisation",
    "find_person",
    "find_person_by_staff_number",
    "ids_of",
    "prepare",
    "recount",
    "relations_of",
    "root_organisation",
    "school_year_of",
]
