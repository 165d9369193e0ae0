"""``lingqu account open``: an account for a duty, with a one-use code printed once."""

from __future__ import annotations

import argparse
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor

from . import register
from .roles import GRANTABLE
from .services.issuing import issue_codes
from .services.opening import open_duty_account
from .types.words import CodePurpose


def add_verbs(subparsers: Any) -> None:
    account = subparsers.add_parser("account", help=_("账号")).add_subparsers(required=True)
    parser = account.add_parser("open", help=_("开通一个岗位账号，给出一次性开通码"))
    parser.add_argument("--role", required=True, choices=GRANTABLE, help=_("角色代码"))
    parser.add_argument("--name", required=True, help=_("使用者或岗位名称"))
    parser.add_argument("--login", required=True, help=_("登录用的账号名，小写字母开头"))
    parser.add_argument("--organisation", required=True, metavar="CODE", help=_("机构代码"))
    parser.set_defaults(run=open_account)


def open_account(options: argparse.Namespace) -> dict[str, str]:
    """Account, role and code, or nothing at all."""
    actor = Actor.system("cli")
    with transaction.atomic():
        account = open_duty_account(
            actor=actor, name=options.name, login=options.login, role=options.role,
            organisation=register.get_organisation(options.organisation),
        )  # fmt: skip
        [issued] = issue_codes(actor=actor, account_ids=[account.id], purpose=CodePurpose.STAFF)
    return {
        "login": account.login, "role": options.role, "organisation": options.organisation, "code": issued.code,
        "expires_at": issued.expires_at.isoformat(),
    }  # fmt: skip
