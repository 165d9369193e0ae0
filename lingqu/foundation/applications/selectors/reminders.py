"""Filings that end soon."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from lingqu.kernel.clock import today

NOTICE = timedelta(days=60)


def ending_soon() -> Q:
    """Applications whose filing or 测评 ends within the notice, or has ended."""
    edge = today() + NOTICE
    return Q(filing__record_until__lte=edge) | Q(filing__protection_until__lte=edge)
