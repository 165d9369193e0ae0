"""The parsed table of a collection: pure data in, :class:`~.computing.Table` out."""

from __future__ import annotations

from .computing import Table
from .models import Collection
from .types.marks import Marks
from .workbook.grid import Layout


def table_of(collection: Collection) -> Table:
    return Table(layout=Layout.from_data(collection.layout), marks=Marks.from_data(collection.marks))
