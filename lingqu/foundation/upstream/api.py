"""The door of upstream: all that other modules may use."""

from .models import HAS_NUMBER
from .selectors import list_doors, list_identifiers
from .services import link_person, save_source
from .types import NUMBERS_RECORD, NumberKind

__all__ = ["HAS_NUMBER", "NUMBERS_RECORD", "NumberKind", "link_person", "list_doors", "list_identifiers", "save_source"]
