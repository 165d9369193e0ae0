"""``lingqu account open``: an account for a duty, with a one-use code printed once; ``account roles``: who holds what."""

from __future__ import annotations

import argparse
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel.actor import Actor

from . import register
from .models import Account
from .roles import GRANTABLE
from .selectors.granted import list_roles
from .services.issuing import issue_codes
from .services.opening import open_duty_account
from .types.words import CodePurpose


def add_verbs(subparsers: Any) -> None:
    account = subparsers.add_parser("account", help=_("账号")).add_subparsers(required=True)
    parser = account.add_parser("open", help=_("开通一个岗位账号，给出一次性开通码"))
    parser.add_argument("--role", required=True, choices=GRANTABLE, help=_("角色代码"))
    parser.add_argument("--name", required=True, help=_("使用者或岗位名称"))
    parser.add_argument("--login", default="", help=_("登录用的账号名，小写字母开头；不写就按角色取名"))
    parser.add_argument("--organisation", required=True, metavar="CODE", help=_("机构代码"))
    parser.set_defaults(run=open_account)
    listing = account.add_parser("roles", help=_("列出授予的角色"))
    listing.add_argument("--role", default="", help=_("只列这个角色"))
    listing.set_defaults(run=list_granted)


def open_account(options: argparse.Namespace) -> dict[str, str]:
    """Account, role and code, or nothing at all."""
    actor = Actor.system("cli")
    with transaction.atomic():
        account = open_duty_account(
            actor=actor, name=options.name, login=options.login or free_login(options.role), role=options.role,
            organisation=register.get_organisation(options.organisation),
        )  # fmt: skip
        [issued] = issue_codes(actor=actor, account_ids=[account.id], purpose=CodePurpose.STAFF)
    return {
        "login": account.login, "role": options.role, "organisation": options.organisation, "code": issued.code,
        "expires_at": issued.expires_at.isoformat(),
        "link": f"{settings.PUBLIC.geturl()}/activate?code={issued.code.replace('-', '')}",
    }  # fmt: skip


def free_login(role: str) -> str:
    """``auditor``, ``auditor2`` … whichever is not taken."""
    taken = set(Account.objects.filter(login__startswith=role).values_list("login", flat=True))
    return next(name for number in count(1) if (name := role if number == 1 else f"{role}{number}") not in taken)


def list_granted(options: argparse.Namespace) -> list[dict[str, str]]:
    """Granted roles that hold now, the newest first, at most a thousand."""
    page = list_roles(actor=Actor.system("cli"), role=options.role, limit=1000)
    return [
        {
            "login": one.login, "name": one.name, "role": one.role, "organisation": one.organisation_name,
            "until": one.valid_until.isoformat() if one.valid_until else "",
        }
        for one in page
    ]  # fmt: skip
