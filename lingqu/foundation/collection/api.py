"""The door of collection: all that other modules may use."""

from .selectors.lists import count_month
from .selectors.scoping import Scope
from .services.checking import accept, return_answer
from .services.defining import Terms, create_collection, set_terms, use_again
from .services.filling import save_values, sign, submit
from .services.marking import add_rule, mark_cells
from .services.publishing import close, publish
from .types import rights
from .types.marks import Mark, Rule
from .types.words import MarkKind, ValueType

__all__ = [
    "Mark",
    "MarkKind",
    "Rule",
    "Scope",
    "Terms",
    "ValueType",
    "accept",
    "add_rule",
    "close",
    "count_month",
    "create_collection",
    "mark_cells",
    "publish",
    "return_answer",
    "rights",
    "save_values",
    "set_terms",
    "sign",
    "submit",
    "use_again",
]
