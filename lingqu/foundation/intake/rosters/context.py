"""What the checks of one delivery share."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ..checks.classes import ClassBook
from ..checks.codes import Codes
from ..checks.findings import Findings
from ..checks.places import Directory
from ..types import Lookup, OrganisationFact


@dataclass(slots=True)
class Context:
    lookup: Lookup
    codes: Codes
    directory: Directory
    book: ClassBook
    findings: Findings

    @classmethod
    def of(cls, lookup: Lookup, findings: Findings) -> Context:
        directory = Directory(lookup)
        return cls(lookup, Codes(lookup), directory, ClassBook(lookup, directory), findings)

    @property
    def default_school(self) -> OrganisationFact | None:
        found = self.directory.find(self.lookup.default_school) if self.lookup.default_school else None
        return found.fact if found else None

    def known(self, kind: str, keys: pl.Series) -> frozenset[str] | None:
        """Which of the keys the source has delivered before; None when nobody can say."""
        if self.lookup.is_known is None:
            return None
        return self.lookup.is_known(kind, keys.unique().to_list())
