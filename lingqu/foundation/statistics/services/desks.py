"""To-dos of principals: a submitted sheet waits on the desk of whoever is principal until it is confirmed or returned."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel import clock
from lingqu.kernel.language import writing_to

from ..models import Round, Sheet
from ..types.words import SheetState
from ..wording import term_title

MODULE = "statistics"


def ask_principal(sheet: Sheet) -> None:
    """Put the sheet on the principal's desk; the round's last day is its time. A school without code has no page."""
    if not sheet.school.code:
        return
    round_ = sheet.round
    with writing_to():
        words = {"term": term_title(round_.year, round_.term), "number": sheet.number}
        title = _("请核对并确认%(term)s数据确认单 %(number)s") % words
    inbox.put_todo(
        module=MODULE, key=_key(sheet), address=f"duty:principal@{sheet.school.label}", title=title,
        url=reverse("statistics:sheet", args=[round_.id, sheet.school.code]),
        due_at=datetime.combine(round_.deadline + timedelta(days=1), time(), clock.ZONE),
    )  # fmt: skip


def settle(sheet: Sheet) -> None:
    """The principal has decided."""
    inbox.close_todo(module=MODULE, key=_key(sheet))


def clear(round_: Round) -> None:
    """No sheet of a closed round is decided any more."""
    waiting = Sheet.objects.filter(round=round_, state=SheetState.SUBMITTED)
    inbox.withdraw_todos(module=MODULE, keys=[_key(sheet) for sheet in waiting.only("id")])


def _key(sheet: Sheet) -> str:
    return f"sheet:{sheet.id}"
