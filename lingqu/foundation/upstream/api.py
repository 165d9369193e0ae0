"""The door of upstream: all that other modules may use."""

from .selectors import list_doors, list_identifiers
from .services import link_person, save_source
from .types import NUMBERS_RECORD, NumberKind

__all__ = ["NUMBERS_RECORD", "NumberKind", "link_person", "list_doors", "list_identifiers", "save_source"]
