"""What collection adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention
from lingqu.ui import worklist

from .types import rights
from .web import work

navigation.add(_("采集填报"), "collection:index", group="mail", icon="table", order=30, rights=rights.ALL)
worklist.CARDS.fill("collection", work.card_of, rights=rights.ALL, order=10)
for _table, _keep in (
    ("collection_collection", "for ever: what an office asked of schools"),
    ("collection_answer", "with its collection: one row a school"),
    ("collection_sheet", "with its answer: the values a school works on"),
    ("collection_report", "for ever: what a principal signed and a school reported"),
    ("collection_step", "with its collection: what happened, some rows a school"),
    ("collection_part", "with its collection: one row a county"),
):
    retention.declare(_table, keep=_keep)
