"""The audit trail for the auditor: read, filter, page; nothing can be changed here."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from lingqu.kernel import audit
from lingqu.kernel import rights as kernel_rights
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.clock import ZONE

from .. import roles
from ..selectors import accounts

FIELDS = ("login", "action", "subject", "since", "until")


@needs(kernel_rights.AUDIT_VIEW)
@require_GET
def trail(request: HttpRequest) -> HttpResponse:
    given = {name: request.GET.get(name, "").strip()[:100] for name in FIELDS}
    account = accounts.find_account(accounts.normalised_login(given["login"])) if given["login"] else None
    nobody = bool(given["login"]) and account is None
    wanted = audit.Filter(
        account_id=account.id if account else None,
        action=_pattern(given["action"]), subject_id=given["subject"],
        since=_moment(given["since"]), until=_moment(given["until"], days=1),
    )  # fmt: skip
    page = None if nobody else audit.list_entries(actor_of(request), wanted, cursor=request.GET.get("cursor", ""))
    shown = {
        "page": page, "given": given, "title_of": roles.title_of,
        "query": {name: value for name, value in given.items() if value},
        "address": urlencode({name: value for name, value in given.items() if value}),
    }  # fmt: skip
    return render(request, "identity/audit.html", shown)


def _pattern(action: str) -> str:
    """An action, or the beginning of one."""
    return action if not action or action.endswith("*") else f"{action}*"


def _moment(text: str, *, days: int = 0) -> datetime | None:
    try:
        day = parse_date(text) if text else None
    except ValueError:
        return None
    return datetime.combine(day, time(), ZONE) + timedelta(days=days) if day else None
