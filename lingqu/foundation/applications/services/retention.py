"""What goes by age."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from lingqu.kernel.clock import now

from ..models import LogoutNotice, RequestLog

LOG_DAYS, NOTICE_DAYS = 30, 30
CHUNK = 20_000


def purge_requests() -> int:
    """The request log stays for 30 days."""
    return _purge(RequestLog.objects.filter(at__lt=now() - timedelta(days=LOG_DAYS)))


def purge_notices() -> int:
    """Notices stay for 30 days after they were made."""
    return _purge(LogoutNotice.objects.filter(made_at__lt=now() - timedelta(days=NOTICE_DAYS)))


def _purge(rows: QuerySet[Any]) -> int:
    """Oldest first, in pieces, so that nobody waits long."""
    total = 0
    while ids := list(rows.order_by("id").values_list("id", flat=True)[:CHUNK]):
        total += rows.model.objects.filter(id__in=ids).delete()[0]
    return total
