"""``lingqu audit verify`` and ``lingqu dead-letters list|retry|drop``."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from . import outbox, sealing
from .actor import Actor


def add_verbs(subparsers: Any) -> None:
    audit = subparsers.add_parser("audit", help=_("审计日志")).add_subparsers(required=True)
    check = audit.add_parser("verify", help=_("核对审计链，发现改动、删除或插入的记录"))
    check.set_defaults(run=verify_audit)

    letters = subparsers.add_parser("dead-letters", help=_("多次未能送达的事件")).add_subparsers(required=True)
    letters.add_parser("list", help=_("列出")).set_defaults(run=list_dead_letters)
    for name, run, told in (
        ("retry", retry_dead_letter, _("重新送达")),
        ("drop", drop_dead_letter, _("放弃")),
    ):
        verb = letters.add_parser(name, help=told)
        verb.add_argument("id", type=int)
        verb.set_defaults(run=run)


def verify_audit(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit code 1 when the chain does not hold; ``first_bad`` says where and how."""
    verdict = asdict(sealing.verify())
    return verdict, 0 if verdict["ok"] else 1


def list_dead_letters(options: Namespace) -> list[dict[str, Any]]:
    return [asdict(letter) for letter in outbox.list_dead()]


def retry_dead_letter(options: Namespace) -> dict[str, Any]:
    outbox.retry_dead(actor=Actor.system("lingqu dead-letters"), letter_id=options.id)
    return {"retried": options.id}


def drop_dead_letter(options: Namespace) -> dict[str, Any]:
    outbox.drop_dead(actor=Actor.system("lingqu dead-letters"), letter_id=options.id)
    return {"dropped": options.id}
