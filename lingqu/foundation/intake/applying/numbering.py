"""Import numbers (``IM-20261120-07``)."""

from __future__ import annotations

from django.db import connection

from lingqu.kernel.clock import today

from ..models import Import


def next_number() -> str:
    """The next number of the day; call inside a transaction."""
    prefix = f"IM-{today():%Y%m%d}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('intake.number'))")
    numbers = Import.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    return f"{prefix}{max((int(number.removeprefix(prefix)) for number in numbers), default=0) + 1:02d}"
