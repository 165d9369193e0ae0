"""OneRoster 1.1 and 1.2, CSV binding (1EdTech), and the two forms of Microsoft School Data Sync that resemble it."""

from .reading import is_set, read_bundle

__all__ = ["is_set", "read_bundle"]
