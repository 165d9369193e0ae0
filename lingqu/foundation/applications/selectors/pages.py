"""Lists and the page of one application, for those who administer, review or develop it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.errors import NotFound
from lingqu.kernel.pages import Page, merge_branches

from .. import policies
from ..models import Adoption, Application, LogoutNotice, RequestLog, Review, ScopeGrant, Secret
from ..types import rights
from ..types.words import AppState, NoticeState
from .apps import with_grants
from .entering import live_adoptions
from .reminders import ending_soon

NEWEST = ("-created_at", "-id")
FILTERS = ("", "waiting", "live", "stopped", "draft", "ending")
SHOWN_BELOW = (AppState.LIVE, AppState.SUSPENDED, AppState.RETIRED)


def list_applications(
    actor: Actor, *, wanted: str = "", text: str = "", cursor: str = "", limit: int = 50
) -> Page[Application]:
    """Applications that the actor may see, newest first: of the own firm; of places administered and of places above."""
    page: Page[Application] = merge_branches(
        [_filtered(branch, wanted, text) for branch in visible(actor)], order=NEWEST, limit=limit, cursor=cursor
    )
    return page


def visible(actor: Actor) -> list[QuerySet[Application]]:
    """One branch for each reason why the actor may see applications; never empty."""
    rows = Application.objects.select_related("organisation", "vendor", "filing")
    branches = [rows.filter(vendor_id=vendor_id)] if (vendor_id := policies.vendor_of(actor)) else []
    codes = (rights.VIEW, *rights.REVIEWS.values(), rights.SUSPEND)
    paths = ("1",) if actor.is_system else tuple(sorted({path for code in codes for path in actor.paths(code)}))
    branches += [rows.filter(organisation__path__within=path) for path in paths]
    above = {".".join(path.split(".")[:n]) for path in actor.paths(rights.VIEW) for n in range(1, path.count(".") + 1)}
    if above:
        branches.append(rows.filter(organisation__path__in=above, state__in=SHOWN_BELOW))
    return branches or [rows.none()]


def count_waiting(actor: Actor) -> int:
    """Submissions that wait for an opinion the actor may give; at most 99."""
    kinds = [kind for kind, code in rights.REVIEWS.items() if actor.has(code)]
    if not kinds:
        return 0
    mine = Q(pk__in=[])
    for kind in kinds:
        given = Review.objects.filter(application=OuterRef("pk"), round=OuterRef("round")).filter(
            Q(kind=kind) | Q(account_id=actor.account_id)
        )
        for path in actor.paths(rights.REVIEWS[kind]):
            mine |= ~Exists(given) & Q(organisation__path__within=path)
    return Application.objects.filter(mine, state=AppState.SUBMITTED)[:99].count()


_GRANTS = ScopeGrant.objects.filter(application=OuterRef("pk"), ended_at=None).order_by("scope")
_OPINIONS = Review.objects.filter(application=OuterRef("pk"), round=OuterRef("round")).order_by("id")


def get_row(actor: Actor, client_id: str) -> Any:
    """An application with its place, vendor and filing, what ``as_app`` needs, ``scope_lines`` (maps of the grants that
    stand) and ``opinions`` (see :func:`opinions_of`); unknown and out of reach look the same. One statement."""
    rows = with_grants(Application.objects.select_related("organisation", "vendor", "filing")).annotate(
        scope_lines=ArraySubquery(_GRANTS.values(line=JSONObject(scope="scope", basis="basis", purpose="purpose"))),
        opinions=ArraySubquery(_OPINIONS.values(line=JSONObject(**{name: name for name in Opinion.__slots__}))),
    )
    found = rows.filter(client_id=client_id).first() if len(client_id) <= 64 else None
    if found is None or not policies.may_see(actor, found):
        raise NotFound(_("没有这个应用。"))
    return found


def list_secrets(row: Application) -> list[Secret]:
    """Those that open something, the newest first."""
    live = Q(expires_at=None) | Q(expires_at__gt=now())
    return list(Secret.objects.filter(live, application=row, revoked_at=None).order_by("-id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One reviewer's opinion on the present submission."""

    kind: str
    is_passed: bool
    remark: str
    account_id: str | None
    by: str
    at: datetime


def opinions_of(row: Any) -> list[Opinion]:
    """Opinions of the present round, as :func:`get_row` read them."""
    return [Opinion(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in row.opinions]


def list_adoptions(actor: Actor, row: Application, *, limit: int = 100) -> list[Adoption]:
    """Who uses it: all for whoever administers it and for its vendor, else one's own places and those above."""
    rows = live_adoptions().filter(application=row).order_by("id")
    if actor.holds(rights.VIEW, row.organisation_path) or policies.is_own(actor, row):
        return list(rows[:limit])
    near = Q(pk__in=[])
    for path in actor.paths(rights.VIEW):
        parts = path.split(".")
        near |= Q(organisation__path__within=path)
        near |= Q(organisation__path__in=[".".join(parts[:n]) for n in range(1, len(parts))])
    return list(rows.filter(near)[:limit])


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor:
    """The last seven days. ``slow`` is the time within which 95 of 100 requests were answered, in milliseconds."""

    sign_ins: int
    people: int
    requests: int
    errors: int
    slow: int | None
    released: int
    """Accounts of which the application received data."""
    waiting: int
    given_up: int


def get_monitor(row: Application) -> Monitor:
    """Figures of the page; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MONITOR, {"app": row.id, "since": now() - timedelta(days=7)})
        found = cursor.fetchone()
    names = ("sign_ins", "people", "requests", "errors", "slow", "released", "waiting", "given_up")
    return Monitor(**dict(zip(names, found, strict=True)))


_MONITOR = """
SELECT p.n, p.people, r.n, r.errors, r.slow::int,
    (SELECT count(DISTINCT account_id) FROM applications_release WHERE application_id = %(app)s AND last_at >= %(since)s),
    n.waiting, n.given_up
FROM (SELECT count(*) AS n, count(DISTINCT s.account_id) AS people FROM applications_participation p
      JOIN identity_ssosession s ON s.id = p.session_id WHERE p.application_id = %(app)s AND p.last_at >= %(since)s) p,
     (SELECT count(*) AS n, count(*) FILTER (WHERE outcome <> 'ok') AS errors,
             percentile_cont(0.95) WITHIN GROUP (ORDER BY milliseconds) AS slow
      FROM applications_requestlog WHERE application_id = %(app)s AND at >= %(since)s) r,
     (SELECT count(*) FILTER (WHERE state IN ('waiting', 'failed')) AS waiting,
             count(*) FILTER (WHERE state = 'given_up') AS given_up
      FROM applications_logoutnotice WHERE application_id = %(app)s AND made_at >= %(since)s) n
"""


def list_notices(row: Application, limit: int = 20) -> list[LogoutNotice]:
    """The latest notices, those that did not arrive first."""
    is_sent = Case(When(state=NoticeState.SENT, then=1), default=0)
    return list(LogoutNotice.objects.filter(application=row).order_by(is_sent, "-id")[:limit])


def list_requests(row: Application, *, outcome: str = "", cursor: str = "", limit: int = 50) -> Page[RequestLog]:
    """The request log, newest first; ``errors`` leaves out what went well."""
    rows = RequestLog.objects.filter(application=row)
    if outcome == "errors":
        rows = rows.exclude(outcome="ok")
    page: Page[RequestLog] = merge_branches([rows], order=("-id",), limit=limit, cursor=cursor)
    return page


def _filtered(rows: QuerySet[Application], wanted: str, text: str) -> QuerySet[Application]:
    if wanted == "waiting":
        rows = rows.filter(state=AppState.SUBMITTED)
    elif wanted == "live":
        rows = rows.filter(state=AppState.LIVE)
    elif wanted == "stopped":
        rows = rows.filter(state__in=[AppState.SUSPENDED, AppState.RETIRED])
    elif wanted == "draft":
        rows = rows.filter(state__in=[AppState.DRAFT, AppState.REFUSED])
    elif wanted == "ending":
        rows = rows.filter(ending_soon(), state=AppState.LIVE)
    return rows.filter(Q(name__icontains=text) | Q(client_id=text) | Q(vendor__name__icontains=text)) if text else rows
