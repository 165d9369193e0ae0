"""Rosters with Chinese headings, kind by kind, to canonical frames."""

from .conducting import read_rosters

__all__ = ["read_rosters"]
