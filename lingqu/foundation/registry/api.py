"""The register's door: all that other modules may use."""

from .loading import Batch, Outcome, RowFinding, apply_batch, recount
from .policies import (
    Branches,
    may_edit_person,
    may_reveal_person,
    may_see_class,
    may_see_organisation,
    may_see_person,
    visible_people,
)
from .selectors.places import (
    count_roster,
    current_school_year,
    find_organisation,
    find_person,
    find_person_by_staff_number,
    ids_of,
    may_message,
    relations_of,
    root_organisation,
)
from .services.reference import ensure_root, ensure_school_year, load_code_tables, prepare, school_year_of
from .types import rights
from .types.facts import ClassFact, PlaceFact, RelationFacts, WardFact
from .types.names import name_key, name_keys, typed_key
from .types.rows import ROW_KINDS, ROW_ORDER

__all__ = [
    "ROW_KINDS",
    "ROW_ORDER",
    "Batch",
    "Branches",
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
    "ensure_school_year",
    "find_organisation",
    "find_person",
    "find_person_by_staff_number",
    "ids_of",
    "load_code_tables",
    "may_edit_person",
    "may_message",
    "may_reveal_person",
    "may_see_class",
    "may_see_organisation",
    "may_see_person",
    "name_key",
    "name_keys",
    "prepare",
    "recount",
    "relations_of",
    "rights",
    "root_organisation",
    "school_year_of",
    "typed_key",
    "visible_people",
]
