"""Which row holds the headings, which template a table is, what each column means; confirmed mappings come first."""

from .guessing import guess_sheet, required_missing
from .headings import Heading, columns_of, kinds, template
from .rows import Headings, find_headings

__all__ = [
    "Heading", "Headings", "columns_of", "find_headings", "guess_sheet", "kinds", "required_missing", "template",
]  # fmt: skip
