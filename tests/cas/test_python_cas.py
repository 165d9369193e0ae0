"""python-cas, a client written by others, against the running platform, and single logout as it reads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cas
import pytest
import requests

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import LogoutNotice
from lingqu.foundation.cas.testing import make_service
from lingqu.foundation.identity import testing
from lingqu.kernel.testing import deliver_events, run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


class Application(BaseHTTPRequestHandler):
    """A web application that redeems with python-cas and forgets whom a logout request names."""

    heard: list[str]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.heard.append(parse_qs(body)["logoutRequest"][0])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_said: Any) -> None:
        return


@pytest.fixture
def application() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    handler = type("Handler", (Application,), {"heard": heard})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/app", heard
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(address: str, account: Any) -> requests.Session:
    """A browser that goes through the door as people do."""
    browser = requests.Session()
    page = browser.get(f"{address}/sign-in")
    token = page.text.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"login": account.login, "password": testing.PASSWORD, "csrfmiddlewaretoken": token, "next": "/me"}
    assert browser.post(f"{address}/sign-in", data=form, allow_redirects=False).status_code == 302
    return browser


def fetch_ticket(browser: requests.Session, url: str) -> str:
    answer = browser.get(url, allow_redirects=False)
    assert answer.status_code == 302, answer.text[:500]
    return parse_qs(urlsplit(answer.headers["Location"]).query)["ticket"][0]


@pytest.mark.parametrize("version", [1, 2, 3, "CAS_2_SAML_1_0"])
def test_every_version_of_the_client(live_server: Any, teacher: Any, application: Any, version: Any) -> None:
    service, _heard = application
    app = make_service(service, scopes=("profile", "roles", "person_number"))
    client = cas.CASClient(version=version, service_url=service, server_url=f"{live_server.url}/cas/")
    browser = sign_in(live_server.url, teacher)
    ticket = fetch_ticket(browser, client.get_login_url())
    user, attributes, _proxy = client.verify_ticket(ticket)
    assert user == applications.subject_of(app=app, account_id=teacher.id)
    if version == 3:
        assert attributes["name"] == "苏文" and attributes["lingqu_roles"] == "teacher@3301000001"
    assert not client.verify_ticket(ticket)[0], "a ticket is redeemed once"
    assert not client.verify_ticket("ST-invented")[0]
    fresh = fetch_ticket(browser, client.get_login_url())
    elsewhere = cas.CASClient(version=version, service_url=service + "/x", server_url=f"{live_server.url}/cas/")
    assert not elsewhere.verify_ticket(fresh)[0], "and by nobody else"


def test_out_once_is_out_everywhere(live_server: Any, teacher: Any, application: Any, settings: Any) -> None:
    service, heard = application
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.0/8",)
    make_service(service)
    client = cas.CASClient(version=3, service_url=service, server_url=f"{live_server.url}/cas/")
    browser = sign_in(live_server.url, teacher)
    ticket = fetch_ticket(browser, client.get_login_url())
    assert client.verify_ticket(ticket)[0]
    left = browser.get(client.get_logout_url(redirect_url=service), allow_redirects=False)
    assert left.headers["Location"] == service
    deliver_events()
    run_jobs("applications.send_logout_notices")
    assert [notice.state for notice in LogoutNotice.objects.all()] == ["sent"]
    assert [[slo.text for slo in client.get_saml_slos(text)] for text in heard] == [[ticket]]
    assert browser.get(client.get_login_url(), allow_redirects=False).headers["Location"].startswith("/sign-in")
