"""What runs by itself and from the command line: reminders, purges, ``lingqu app``."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

import pytest

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.cli import add_verbs
from lingqu.foundation.applications.models import Application, ApplicationFiling, RequestLog
from lingqu.foundation.applications.services.reminding import remind_of_ends
from lingqu.foundation.applications.services.retention import purge_requests
from lingqu.foundation.applications.testing import make_application, make_vendor
from lingqu.foundation.identity import testing
from lingqu.foundation.oidc.services import keys as oidc_keys
from lingqu.foundation.saml.services import keys as saml_keys
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Invalid, NotFound
from lingqu.kernel.models import Message


def run(*words: str) -> Any:
    parser = ArgumentParser()
    add_verbs(parser.add_subparsers())
    options = parser.parse_args(["app", *words])
    return options.run(options)


def test_signing_keys_are_replaced_by_a_command() -> None:
    oidc_keys.forget()
    former = {"oidc": oidc_keys.ring().jwks, "saml": saml_keys.list_certificates()}
    for protocol in former:
        assert run("replace-keys", protocol)["state"] == "replaced"
    oidc_keys.forget()
    assert not {key["kid"] for key in oidc_keys.ring().jwks["keys"]} & {key["kid"] for key in former["oidc"]["keys"]}
    assert not set(saml_keys.list_certificates()) & set(former["saml"])
    with pytest.raises(Invalid):
        run("replace-keys", "cas")


def test_an_operator_creates_lists_and_suspends(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def creator(app: applications.App, options: Any) -> dict[str, Any]:
        seen.append(options.callback)
        return {"client_secret": "shown once"}

    monkeypatch.setitem(applications.CREATORS, "oidc", creator)
    made = run(
        "create", "--name", "监考", "--protocol", "oidc", "--callback", "https://a.example/cb", "--scope", "phone",
        "--user-id", "public",
    )  # fmt: skip
    assert (made["client_secret"], seen) == ("shown once", [["https://a.example/cb"]])
    app = applications.find_application(made["client_id"])
    assert app is not None
    assert (app.is_live, app.scopes, app.subject_type) == (True, ("openid", "phone"), "public")
    assert Application.objects.get().adoptions.get().organisation.parent is None
    assert [one["client_id"] for one in run("list")] == [app.client_id]
    assert run("suspend", app.client_id)["state"] == "suspended"
    with pytest.raises(NotFound):
        run("suspend", "lqnothing")


def test_nothing_is_left_when_the_protocol_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def creator(app: applications.App, options: Any) -> dict[str, Any]:
        raise Invalid("no")

    monkeypatch.setitem(applications.CREATORS, "oidc", creator)
    with pytest.raises(Invalid):
        run("create", "--name", "监考", "--protocol", "oidc", "--callback", "x")
    assert Application.objects.count() == 0


def test_the_vendor_is_told_once_before_a_filing_ends() -> None:
    county = testing.make_school("330101", "云汀县", kind="region")
    vendor = make_vendor(testing.duty_account("vendor", county), county)
    soon, later = (make_application(name, organisation=county, vendor=vendor) for name in ("快到期", "还早"))
    ApplicationFiling.objects.filter(application_id=soon.id).update(protection_until=today() + timedelta(days=59))
    ApplicationFiling.objects.filter(application_id=later.id).update(record_until=today() + timedelta(days=61))
    assert (remind_of_ends(), remind_of_ends()) == (1, 0)
    assert [one.subject_id for one in Message.objects.all()] == [str(soon.id)]


def test_requests_are_forgotten_after_a_month() -> None:
    app = make_application()
    for _each in range(2):
        applications.log_request(app=app, protocol="cas", endpoint="/cas/login", outcome="ok", milliseconds=1)
    RequestLog.objects.filter(id=RequestLog.objects.order_by("id")[0].id).update(at=now() - timedelta(days=31))
    assert purge_requests() == 1
    assert RequestLog.objects.count() == 1
