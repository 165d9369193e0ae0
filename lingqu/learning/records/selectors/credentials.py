"""Credentials of an application, how much it sent, and what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, Sum

from lingqu.kernel.clock import now
from lingqu.kernel.pages import Page, page_of

from ..models import Credential, Refusal, Volume

MOST_CREDENTIALS, VOLUME_DAYS = 200, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeLine:
    """What came from one organisation (empty: the whole application) in the last day, week and month."""

    organisation: str
    today: int
    week: int
    month: int
    last: date | None


def list_credentials(application_id: UUID | None) -> Sequence[Credential]:
    """Newest first, at most 200; those of no application are the platform's own."""
    rows = Credential.objects.filter(_of("tenant", application_id)).select_related("tenant__organisation")
    return list(rows.order_by("-id")[:MOST_CREDENTIALS])


def list_volumes(application_id: UUID | None) -> tuple[VolumeLine, ...]:
    today = now().date()
    since = Q(day__gte=today - timedelta(days=VOLUME_DAYS))
    rows = (
        Volume.objects.filter(since, _of("tenant", application_id))
        .values("tenant__organisation__name", "tenant__name")
        .annotate(
            today=Sum("statements", filter=Q(day=today), default=0),
            week=Sum("statements", filter=Q(day__gt=today - timedelta(days=7)), default=0),
            month=Sum("statements", default=0), last=Max("day"),
        )
        .order_by("-month")
    )  # fmt: skip
    return tuple(
        VolumeLine(
            organisation=row["tenant__organisation__name"] or row["tenant__name"], today=row["today"], week=row["week"],
            month=row["month"], last=row["last"],
        )
        for row in rows[:MOST_CREDENTIALS]
    )  # fmt: skip


def list_refusals(application_id: UUID | None, *, code: str = "", cursor: str = "") -> Page[Refusal]:
    """What was refused of an application, newest first, each with the place in its JSON."""
    rows = Refusal.objects.filter(_of("credential__tenant", application_id)).select_related("credential")
    return page_of(rows.filter(code=code) if code else rows, order=("-id",), cursor=cursor)


def count_refusals(application_id: UUID | None) -> tuple[tuple[str, int], ...]:
    """Codes of refusals with how often each happened, the most frequent first."""
    rows = Refusal.objects.filter(_of("credential__tenant", application_id))
    return tuple(rows.values_list("code").annotate(n=Count("id")).order_by("-n")[:20])


def _of(tenant: str, application_id: UUID | None) -> Q:
    """Rows of an application's sets of records, or of the platform's own."""
    return Q(**{f"{tenant}__application_id": application_id})
