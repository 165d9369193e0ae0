"""Statements going on to another store: in order, tried again, and put aside when they are refused (decision 0052)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto, jobs, outgoing
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import DomainError, Invalid, NotFound

from .. import policies
from ..models import DeadLetter, Forward, Tenant
from ..selectors.asking import needed_files
from ..selectors.attachments import parts_of
from ..selectors.consistency import settled_before
from ..selectors.shaping import shaped
from ..selectors.statements import Row, Wanted, list_page, rows_of
from ..types.multiparts import joined
from ..types.versions import V1, V2

BATCH, MOST_BATCHES, SECONDS = 100, 50, 20.0
LONGEST_WAIT = timedelta(hours=1)
LATER = frozenset({401, 403, 404, 408, 429})
"""Answers that are about the address or the key, not about a statement: everything waits."""


class _Failed(Exception):
    """The other store did not take anything now."""


@transaction.atomic
def add_forward(
    *, actor: Actor, tenant_id: int, name: str, endpoint: str, key: str, secret: str, version: str, from_start: bool
) -> int:
    """Statements go on from now, or all of them. Raises :class:`Invalid` for an address that may not be asked."""
    require(policies.may_keep_credentials(actor))
    address = endpoint.strip().rstrip("/")
    outgoing.check_address(address)
    if urlsplit(address).netloc == urlsplit(settings.LINGQU_PUBLIC_URL).netloc:
        raise Invalid(_("不能转发给本平台自己。"), details={"endpoint": _("不能转发给本平台自己。")})
    if version not in (V1, V2) or not (name.strip() and key and secret):
        raise Invalid(_("请填写名称、键和密钥。"))
    tenant = Tenant.objects.filter(id=tenant_id).first()
    if tenant is None:
        raise NotFound()
    sealed = crypto.seal_fields({"key": key, "secret": secret})
    assert sealed is not None
    row = Forward.objects.create(
        tenant=tenant, name=name.strip()[:100], endpoint=address, version=version, sealed=sealed,
        position=0 if from_start else settled_before(), made_by=actor.name,
    )  # fmt: skip
    audit.record(
        actor,
        "records.forward_added",
        subject_kind="records.forward",
        subject_id=row.pk,
        data={"host": urlsplit(address).netloc},
    )
    return row.pk


@transaction.atomic
def switch_forward(*, actor: Actor, forward_id: int, is_on: bool) -> None:
    """Paused, nothing is lost: it goes on where it stood."""
    require(policies.may_keep_credentials(actor))
    changed = Forward.objects.filter(id=forward_id).update(is_on=is_on, next_at=None, failures=0)
    if not changed:
        raise NotFound()
    audit.record(
        actor, "records.forward_switched", subject_kind="records.forward", subject_id=forward_id, data={"on": is_on}
    )


@transaction.atomic
def end_forward(*, actor: Actor, forward_id: int) -> None:
    require(policies.may_keep_credentials(actor))
    if not Forward.objects.filter(id=forward_id).delete()[0]:
        raise NotFound()
    audit.record(actor, "records.forward_ended", subject_kind="records.forward", subject_id=forward_id)


def retry_letter(*, actor: Actor, letter_id: int) -> bool:
    """Send a refused statement again; whether it was taken now."""
    require(policies.may_keep_credentials(actor))
    letter = DeadLetter.objects.select_related("forward").filter(id=letter_id).first()
    if letter is None:
        raise NotFound()
    rows = rows_of(letter.forward.tenant_id, [str(letter.statement)])
    try:
        answer = _post(letter.forward, rows)
    except _Failed as failure:
        raise Invalid(str(failure)) from failure
    if answer.is_ok or not rows:
        letter.delete()
        Forward.objects.filter(id=letter.forward_id).update(sent=F("sent") + len(rows))
    else:
        DeadLetter.objects.filter(id=letter_id).update(
            tries=F("tries") + 1, at=now(), status=answer.status, message=_told(answer)
        )
    audit.record(actor, "records.letter_retried", subject_kind="records.forward", subject_id=letter.forward_id)
    return answer.is_ok


def forward_due() -> None:
    """Every forward that is on and not waiting after a failure; a bounded part of what waits for each."""
    for row in Forward.objects.filter(Q(next_at=None) | Q(next_at__lte=now()), is_on=True).order_by("id"):
        try:
            for _batch in range(MOST_BATCHES):
                if not _forward_batch(row):
                    break
                jobs.checkpoint()
        except _Failed as failure:
            _wait(row, str(failure))


def _forward_batch(row: Forward) -> bool:
    """Send what follows the position; whether more may wait. What is sent twice after a crash has the same ids."""
    rows, has_more = list_page(
        row.tenant_id, Wanted(begin=row.position + 1, end=settled_before(), ascending=True, limit=BATCH)
    )
    if not rows:
        return False
    refused = _send(row, rows)
    with transaction.atomic():
        DeadLetter.objects.bulk_create(refused, ignore_conflicts=True)
        row.position, row.sent = rows[-1].seq, row.sent + len(rows) - len(refused)
        row.failures, row.failing_since, row.next_at, row.last_error, row.last_at = 0, None, None, "", now()
        row.save(
            update_fields=["position", "sent", "failures", "failing_since", "next_at", "last_error", "last_at"]
        )  # fmt: skip
    return has_more


def _send(row: Forward, rows: Sequence[Row]) -> list[DeadLetter]:
    """The whole batch; when it is refused, halves of it, down to the statement that is the reason."""
    answer = _post(row, rows)
    if answer.is_ok:
        return []
    if len(rows) > 1:
        half = len(rows) // 2
        return _send(row, rows[:half]) + _send(row, rows[half:])
    return [DeadLetter(forward=row, statement=UUID(rows[0].id), status=answer.status, message=_told(answer))]


def _post(row: Forward, rows: Sequence[Row]) -> outgoing.Answer:
    statements = [_bare(one) for one in shaped(row.tenant_id, list(rows), "exact", ())]
    digests = needed_files(list(rows))
    kind, body = "application/json", msgspec.json.encode(statements)
    if digests:
        kind, body = joined(statements, parts_of(row.tenant_id, digests))
    keys = crypto.unseal_fields(row.sealed)
    pair = base64.b64encode(f"{keys['key']}:{keys['secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}", "X-Experience-API-Version": row.version}
    try:
        answer = outgoing.post(
            f"{row.endpoint}/statements", body=body, content_type=kind, headers=headers, timeout=SECONDS
        )  # fmt: skip
    except DomainError as error:
        raise _Failed(error.message) from error
    if answer.status in LATER or answer.status >= 500 or 300 <= answer.status < 400:
        raise _Failed(f"HTTP {answer.status}")
    return answer


def _bare(statement: dict[str, Any]) -> dict[str, Any]:
    """Without what each store says for itself."""
    return {name: value for name, value in statement.items() if name not in ("stored", "authority", "version")}


def _told(answer: outgoing.Answer) -> str:
    return answer.body.decode("utf-8", "replace")[:500].replace("\0", "")


def _wait(row: Forward, reason: str) -> None:
    """After 1, 2, 4 … minutes, at most an hour."""
    pause = min(timedelta(minutes=2 ** min(row.failures, 6)), LONGEST_WAIT)
    Forward.objects.filter(id=row.pk).update(
        failures=F("failures") + 1, next_at=now() + pause, last_error=reason[:500],
        failing_since=row.failing_since or now(),
    )  # fmt: skip
