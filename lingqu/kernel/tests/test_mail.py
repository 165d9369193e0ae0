"""E-mail by a real SMTP server: what arrives, what is refused for good, what is tried again."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from lingqu.kernel import delivery
from lingqu.kernel.delivery.sending import MOST_TRIES
from lingqu.kernel.testing import run_jobs

pytestmark = pytest.mark.django_db
USER, PASSWORD = "platform@bureau.example", "p:s@s/w0rd"


class Mailbox:
    """Takes mail of who signed in, but knows no ``gone@`` and has no room for ``full@``."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("full@"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 taken"


def knows(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
    return AuthResult(success=(told.login.decode(), told.password.decode()) == (USER, PASSWORD), handled=False)


@pytest.fixture
def mailbox(settings: Any, tmp_path: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=knows, auth_required=True, auth_require_tls=False
    )
    server.start()
    settings.LINGQU_HOME, settings.LINGQU_DELIVERY = tmp_path, {"email": "mail"}
    settings.LINGQU_MAIL = f"smtp+plain://platform%40bureau.example:p%3As%40s%2Fw0rd@127.0.0.1:{port}"
    settings.LINGQU_MAIL_FROM = "云汀市教育局 <platform@bureau.example>"
    yield box
    server.stop()


def send(to: str) -> Any:
    made = delivery.send(channel="email", to=to, subject="开通\n通知", body="您的账号已开通。", kind="test.mail")
    run_jobs()
    return delivery.find_message(made)


def test_a_message_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    sent = send("wu@school.example")
    assert (sent.state, sent.sealed) == ("sent", None)
    [(sender, receivers, content)] = mailbox.taken
    assert (sender, receivers) == ("platform@bureau.example", ["wu@school.example"])
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert (message["Subject"], message["From"]) == ("开通 通知", "云汀市教育局 <platform@bureau.example>")
    assert message.get_content().strip() == "您的账号已开通。"
    assert message["Message-ID"] == f"<{sent.pk}@bureau.example>"


def test_an_unknown_mailbox_fails_and_a_full_one_is_tried_again(mailbox: Mailbox) -> None:
    gone, full = send("gone@school.example"), send("full@school.example")
    assert (gone.state, gone.error, gone.tries) == ("failed", "smtp_550", 1)
    assert (full.error, full.tries) == ("smtp_452", MOST_TRIES)
    assert mailbox.taken == []


def test_a_wrong_password_and_a_dead_server_are_tried_again(mailbox: Mailbox, settings: Any) -> None:
    settings.LINGQU_MAIL = settings.LINGQU_MAIL.replace("w0rd@", "w1rd@")
    refused = send("wu@school.example")
    assert (refused.error, refused.tries) == ("smtp_535", MOST_TRIES)
    settings.LINGQU_MAIL = "smtp+plain://127.0.0.1:1"
    assert send("wu2@school.example").error == "unreachable"


def test_without_encryption_smtp_sends_nothing(mailbox: Mailbox, settings: Any) -> None:
    settings.LINGQU_MAIL = settings.LINGQU_MAIL.replace("smtp+plain://", "smtp://")
    assert send("wu@school.example").state == "failed"
    assert mailbox.taken == []
