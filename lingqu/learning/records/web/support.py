"""The viewer of statements for those who help schools and vendors: by right, people masked."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lingqu.kernel import audit
from lingqu.kernel.access import actor_of, needs
from lingqu.ui.jinja import render_page

from ..selectors import support
from ..types import rights


@require_GET
@needs(rights.VIEW)
def statements(request: HttpRequest) -> HttpResponse:
    """Sets of records of the own places, and the latest statements of the chosen one."""
    actor = actor_of(request)
    tenants = support.list_tenants(actor)
    chosen = request.GET.get("tenant", "")
    tenant = (
        support.get_tenant(actor, int(chosen)) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else None
    )
    before = request.GET.get("before", "")
    end = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 1 << 62
    rows, following = support.list_statements(tenant.pk, end) if tenant else ([], None)
    context = {"tenants": tenants, "tenant": tenant, "rows": rows, "following": following}
    return render_page(request, "records/statements.html", context, block="list")


@require_GET
@needs(rights.VIEW)
def statement(request: HttpRequest, tenant_id: int, number: UUID) -> HttpResponse:
    """One statement as JSON, masked; that it was looked at stands on the trail."""
    actor = actor_of(request)
    tenant = support.get_tenant(actor, tenant_id)
    found = support.get_statement(tenant.pk, str(number))
    audit.record(actor, "records.statement_seen", subject_kind="records.statement", subject_id=number)
    text = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    return render(request, "records/statement.html", {"tenant": tenant, "number": number, "text": text})
