"""The door for the platform's own modules: the same statements, the same checks, no request."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.errors import NotFound

from ..models import Credential, Tenant
from ..selectors.authority import authority_of
from ..types.scopes import WRITE
from ..types.values import Caller
from .credentials import mark_of
from .drafts import check_all
from .statements import store

CHUNK = 500
_callers: dict[str, Caller] = {}


def record(source: str, statements: Sequence[Mapping[str, Any]], *, key: str = "") -> list[str]:
    """Store statements (xAPI 2.0) of a module named ``source`` and return their ids; agents of people are accounts with
    ``homePage`` = the platform's address and ``name`` = the person number.

    Inside a transaction they are part of it. :class:`Fault` names the rule and the place that is wrong; then nothing of the
    chunk of 500 it stands in is stored. Repeating with the same ids stores nothing twice. ``key``: in the name of a credential of an
    application, whose records they become.
    """
    caller = _keyed(key) if key else _caller(source)
    ids: list[str] = []
    for begin in range(0, len(statements), CHUNK):
        chunk = msgspec.json.decode(msgspec.json.encode(list(statements[begin : begin + CHUNK])))
        ids += store(caller, check_all(chunk, is_2=True), is_2=True)
    return ids


def _keyed(key: str) -> Caller:
    row = Credential.objects.filter(key=key, revoked_at=None).select_related("tenant__application").first()
    if row is None:
        raise NotFound(_("没有这个凭证。"))
    app = row.tenant.application
    return Caller(
        credential=row.pk, key=key, tenant=row.tenant_id, scopes=(WRITE,), authority=authority_of(app.client_id if app else key)
    )  # fmt: skip


def _caller(source: str) -> Caller:
    """The platform's own tenant, and a credential of the module with which nobody can sign in."""
    if source not in _callers:
        with transaction.atomic():
            tenant, _made = Tenant.objects.get_or_create(application=None, organisation=None, name="")
            row, _made = Credential.objects.get_or_create(
                key=source,
                defaults={
                    "tenant": tenant, "mark": mark_of(secrets.token_hex(32)), "name": source, "scopes": [WRITE],
                },
            )  # fmt: skip
        caller = Caller(
            credential=row.pk, key=source, tenant=tenant.pk, scopes=(WRITE,), authority=authority_of(source)
        )  # fmt: skip
        transaction.on_commit(lambda: _callers.setdefault(source, caller))
        return caller
    return _callers[source]
