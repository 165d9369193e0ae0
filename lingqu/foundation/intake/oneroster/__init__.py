"""OneRoster 1.1 and 1.2, CSV binding (1EdTech)."""

from .bundle import is_bundle
from .reading import read_bundle

__all__ = ["is_bundle", "read_bundle"]
