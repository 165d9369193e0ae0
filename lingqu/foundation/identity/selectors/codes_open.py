"""Which codes can still be used."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from lingqu.kernel.clock import now

from ..models import ActivationCode


def accounts_with_code(account_ids: Sequence[UUID]) -> set[UUID]:
    """Accounts for which a code is out."""
    rows = ActivationCode.objects.filter(account_id__in=account_ids, used_at=None, voided_at=None, expires_at__gt=now())
    return set(rows.values_list("account_id", flat=True))


def count_open(account_ids: Sequence[UUID], child_ids: Sequence[UUID]) -> int:
    """Codes that printing again would make useless."""
    rows = ActivationCode.objects.filter(used_at=None, voided_at=None, expires_at__gt=now())
    return rows.filter(account_id__in=account_ids).count() + rows.filter(person_id__in=child_ids).count()
