"""Column types that PostgreSQL has and Django does not."""

from __future__ import annotations

from typing import Any

from django.db import models


class LtreeField(models.Field):
    """A label path (``ltree``): ``1.4.27``. A right held at a path reaches the whole subtree."""

    def db_type(self, connection: Any) -> str:
        return "ltree"

    def get_internal_type(self) -> str:
        return "LtreeField"


@LtreeField.register_lookup
class Within(models.Lookup):
    """``path__within="1.4"``: at or below that path, as a range that a btree serves.

    Labels use only ``[0-9a-z]`` and ``-`` sorts before all of them, so a subtree is exactly ``[p, p-)`` in ltree order.
    """

    lookup_name = "within"
    lower = ">="

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        path = str(self.rhs)
        return f"({lhs} {self.lower} %s::ltree AND {lhs} < %s::ltree)", (*lhs_params, path, *lhs_params, f"{path}-")


@LtreeField.register_lookup
class Below(Within):
    """``path__below="1.4.9"``: below a node, the node itself left out. Beside a branch of ``path="1.4.9"``, which an index on
    (path, key) gives in order, it keeps the lists of schools short."""

    lookup_name = "below"
    lower = ">"


class Xid8Field(models.Field):
    """A full transaction id (``xid8``), used to read feeds below the oldest running transaction."""

    def db_type(self, connection: Any) -> str:
        return "xid8"
