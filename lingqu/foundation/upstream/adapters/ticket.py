"""The ticket interface of many provincial portals: a ticket in the address, asked about with appid and signature.

``sign`` is HMAC-SHA256 (hex) of the secret over the parameters sorted by name and written as a query; the portal refuses an old
``timestamp`` and a ``nonce`` that it has seen.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode

from lingqu.kernel.clock import now

from ..types import ATTRIBUTES, Arrived, Distrusted, Trip
from .asking import means, post_form, text_of
from .base import Options


class Ticket:
    """People also come from the portal by themselves, so an answer need not fit a visit of ours."""

    needs, is_asked = ("login_url", "verify_url", "appid"), False

    def begin(self, options: Options, trip: Trip) -> str:
        query = urlencode(
            {"appid": options["appid"], "redirect": f"{trip.back_url}?{urlencode({'state': trip.state})}"}
        )
        return f"{options['login_url']}{'&' if '?' in options['login_url'] else '?'}{query}"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        ticket = given.get("ticket") or given.get("code") or ""
        if not ticket:
            raise Distrusted("no ticket")
        asked = {
            "appid": str(options["appid"]), "ticket": ticket, "timestamp": str(int(now().timestamp())),
            "nonce": secrets.token_hex(8),
        }  # fmt: skip
        answer = post_form(str(options["verify_url"]), {**asked, "sign": signature(asked, secret)})
        if str(answer.get("code")) not in {"0", "200"} or not isinstance(answer.get("data"), dict):
            raise Distrusted(f"ticket was refused: {str(answer.get('code'))[:20]}")
        told = answer["data"]
        names = dict(options.get("claims") or {})
        facts = {name: str(told[names.get(name, name)]) for name in ATTRIBUTES if told.get(names.get(name, name))}
        subject = text_of(told, names.get("subject", "user_id"))
        return Arrived(
            subject=subject, session=str(told.get("session_id", "")), name=str(told.get("name", "")), facts=facts,
            **means(told.get("amr"), told.get("acr")),
        )  # fmt: skip


def signature(fields: Mapping[str, str], secret: str) -> str:
    return hmac.new(secret.encode(), urlencode(sorted(fields.items())).encode(), sha256).hexdigest()
