"""For tests of this module and those above."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .models import Identifier, Source, Unmatched
from .services import save_source

SYSTEM = Actor.system("test")


def make_source(code: str = "province", kind: str = "ticket", secret: str = "s3cret", **values: Any) -> Source:
    """An open source."""
    usual = {
        "name": "省平台", "link_by": ["id_number"], "is_open": True,
        "options": {"login_url": "https://province.example.cn/login", "verify_url": "https://province.example.cn/verify",
                    "appid": "lingqu"},
    }  # fmt: skip
    return save_source(actor=SYSTEM, code=code, values={"kind": kind, **usual, **values}, secret=secret)


def give_number(person_id: UUID, issuer: str, value: str) -> Identifier:
    """Somebody has this number elsewhere from today on."""
    return Identifier.objects.create(
        person_id=person_id, issuer=issuer, value=value, valid_from=today(), linked_by="test"
    )


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Route name → arguments in the own and in the other node."""
    source = make_source(is_open=False)
    row = Unmatched.objects.create(source=source, subject="u1", reason="nobody")
    pair = ({"code": source.code}, {"code": source.code})
    return {
        "upstream:begin": pair, "upstream:back": pair, "upstream:logout": pair, "upstream:edit": pair,
        "upstream:bind": ({"token": "x"}, {"token": "y"}),
        "upstream:decide": ({"unmatched_id": row.id}, {"unmatched_id": row.id}),
    }  # fmt: skip
