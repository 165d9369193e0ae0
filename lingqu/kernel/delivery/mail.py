"""E-mail through the region's mail server (``LINGQU_MAIL``), by Django's SMTP connection.

A message is tried again while nobody is reached, the server is busy (4xx) or refuses us; a mailbox or a content that it
refuses for good (5xx) is not.
"""

from __future__ import annotations

import smtplib
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from .letters import Letter, TryAgain, Undeliverable

TIMEOUT = 15
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
"""TLS from the first byte; STARTTLS, which must succeed; no encryption, for a server on the same machine."""


def server_at(address: str) -> EmailBackend:
    """``smtps://user:password@mail.example.cn:465``; user and password percent-encoded, port by the scheme if left out."""
    parts = urlsplit(address)
    return EmailBackend(
        host=parts.hostname, port=parts.port or PORTS[parts.scheme], username=unquote(parts.username or ""),
        password=unquote(parts.password or ""), use_ssl=parts.scheme == "smtps", use_tls=parts.scheme == "smtp",
        timeout=TIMEOUT,
    )  # fmt: skip


def send_by_mail(letter: Letter) -> None:
    """Hand one message over; its ``Message-ID`` is the letter's id."""
    domain = parseaddr(settings.LINGQU_MAIL_FROM)[1].rpartition("@")[2]
    message = EmailMessage(
        subject=" ".join(letter.subject.split()), body=letter.body, from_email=settings.LINGQU_MAIL_FROM, to=[letter.to],
        headers={"Message-ID": f"<{letter.id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    try:
        server_at(settings.LINGQU_MAIL).send_messages([message])
    except smtplib.SMTPRecipientsRefused as refusal:
        raise _refused(next(iter(refusal.recipients.values()))[0]) from refusal
    except smtplib.SMTPDataError as refusal:
        raise _refused(refusal.smtp_code) from refusal
    except smtplib.SMTPResponseException as refusal:
        raise TryAgain(code=f"smtp_{refusal.smtp_code}") from refusal
    except OSError as failure:
        raise TryAgain(code="unreachable") from failure


def _refused(code: int) -> Undeliverable | TryAgain:
    return Undeliverable(code=f"smtp_{code}") if code >= 500 else TryAgain(code=f"smtp_{code}")
