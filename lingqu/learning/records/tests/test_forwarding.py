"""Statements going on to another store: a real one, spoken with over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.registry import api as registry
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Forbidden, Invalid
from lingqu.kernel.lags import lags
from lingqu.kernel.testing import actor_with

from ..models import DeadLetter, Forward, Tenant
from ..services import forwarding
from ..testing import SYSTEM, Lrs, make_credential, make_statement
from ..types import rights
from ..types.values import NewCredential

pytestmark = pytest.mark.django_db(transaction=True)


class Both:
    """A set of records here, and another that stands for a store elsewhere."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.here, self.there = Lrs(make_credential("here"), "1.0.3"), make_credential("there")
        self.other = Lrs(self.there)

    def forward(self, made: NewCredential | None = None, *, start: bool = True) -> Forward:
        made = made or self.there
        number = forwarding.add_forward(
            actor=SYSTEM, tenant_id=Tenant.objects.get(name="here").pk, name="上级平台", endpoint=f"{self.address}/xapi/",
            key=made.key, secret=made.secret, version="2.0.0", from_start=start,
        )  # fmt: skip
        return Forward.objects.get(id=number)

    def received(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.other.ask("GET", "statements", None, {"ascending": "true"}).json()[
            "statements"
        ]
        return found


@pytest.fixture
def both(live_server: Any, settings: Any) -> Both:
    settings.LINGQU_OUTGOING_ALLOW = ["127.0.0.0/8", "localhost"]
    return Both(live_server.url)


def test_what_came_before_and_after_goes_on_once_and_in_order(both: Both) -> None:
    first = [make_statement(f"u{n}") for n in range(3)]
    ids = both.here.ask("POST", "statements", first).json()
    row = both.forward()
    forwarding.forward_due()
    ids += both.here.ask("POST", "statements", [make_statement("later")]).json()
    for _again in range(2):
        forwarding.forward_due()
    assert [one["id"] for one in both.received()] == ids
    assert (
        both.received()[0]["authority"]
        != both.here.ask("GET", "statements", None, {"statementId": ids[0]}).json()["authority"]
    )
    row.refresh_from_db()
    assert (row.sent, row.failures, DeadLetter.objects.count()) == (4, 0, 0)
    late = both.forward(start=False)
    forwarding.forward_due()
    late.refresh_from_db()
    assert late.sent == 0


def test_a_refused_statement_is_put_aside_and_sent_again_by_hand(both: Both) -> None:
    number = str(uuid4())
    both.other.ask("PUT", "statements", make_statement("somebody"), {"statementId": number})
    batch = [make_statement("a"), make_statement("b", id=number), make_statement("c")]
    both.here.ask("POST", "statements", batch)
    row = both.forward()
    forwarding.forward_due()
    letter = DeadLetter.objects.get()
    assert (str(letter.statement), letter.status) == (number, 409)
    assert {one["actor"]["account"]["name"] for one in both.received()} == {"somebody", "a", "c"}
    row.refresh_from_db()
    assert row.sent == 2
    assert forwarding.retry_letter(actor=SYSTEM, letter_id=letter.pk) is False
    letter.refresh_from_db()
    assert letter.tries == 2
    elsewhere = make_credential("elsewhere")
    both.forward(elsewhere)
    DeadLetter.objects.update(forward=Forward.objects.latest("id"))
    assert forwarding.retry_letter(actor=SYSTEM, letter_id=letter.pk) is True
    assert not DeadLetter.objects.exists()


def test_a_store_that_shuts_us_out_is_asked_again_later_and_nothing_is_lost(both: Both) -> None:
    both.here.ask("POST", "statements", make_statement("a"))
    wrong = NewCredential(endpoint="", key=both.there.key, secret="wrong", name="")
    row = both.forward(wrong)
    for _again in range(2):
        forwarding.forward_due()
    row.refresh_from_db()
    assert (row.failures, row.position, row.last_error) == (1, 0, "HTTP 401")
    assert row.next_at is not None and row.next_at > now()
    assert lags()["forwards"]["waiting"] == 1
    Forward.objects.update(next_at=now() - timedelta(seconds=1), sealed=both.forward().sealed)
    forwarding.forward_due()
    row.refresh_from_db()
    assert (row.failures, row.sent, lags()["forwards"]["waiting"]) == (0, 1, 0)


def test_only_public_addresses_of_others_are_taken(both: Both, settings: Any) -> None:
    settings.LINGQU_OUTGOING_ALLOW = []
    settings.LINGQU_PUBLIC_URL = "https://lingqu.example"
    for address in (
        "http://x.example/xapi",
        "https://a:b@x.example/xapi",
        "ftp://x.example",
        "https://lingqu.example/xapi",
        "",
    ):
        both.address = address.removesuffix("/xapi")
        with pytest.raises(Invalid):
            both.forward()
    both.address = "https://127.0.0.1:9"
    row = both.forward()
    both.here.ask("POST", "statements", make_statement("a"))
    forwarding.forward_due()
    row.refresh_from_db()
    assert (row.failures, row.sent) == (1, 0)
    assert row.last_error


def test_the_page_of_the_operator(both: Both) -> None:
    registry.prepare()
    admin = accounts.signed_in(accounts.duty_account("system_admin", registry.ensure_root()))
    tenant = Tenant.objects.get(name="here").pk
    typed = {
        "tenant": str(tenant), "name": "上级", "endpoint": "nonsense", "key": both.there.key, "secret": both.there.secret,
        "version": "2.0.0", "start": "all",
    }  # fmt: skip
    assert "完整的网址" in admin.post("/records/forwards", typed).content.decode()
    assert admin.post("/records/forwards", {**typed, "endpoint": f"{both.address}/xapi"}).status_code == 302
    row = Forward.objects.get()
    page = admin.get("/records/forwards").content.decode()
    assert "正常" in page and both.there.secret not in page and both.there.key not in page
    admin.post(f"/records/forwards/{row.pk}/switch", {"on": "0"})
    row.refresh_from_db()
    assert row.is_on is False
    DeadLetter.objects.create(forward=row, statement=uuid4(), status=400, message="no")
    assert "再送一次" in admin.get("/records/forwards").content.decode()
    admin.post(f"/records/letters/{DeadLetter.objects.get().pk}/retry")
    assert not DeadLetter.objects.exists()
    admin.post(f"/records/forwards/{row.pk}/end")
    assert not Forward.objects.exists()
    for code, path in ((rights.KEEP, "1.2"), (rights.VIEW, "1")):
        with pytest.raises(Forbidden):
            forwarding.switch_forward(actor=actor_with(code, path=path), forward_id=1, is_on=True)
