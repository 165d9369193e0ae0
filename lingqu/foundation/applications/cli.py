"""``lingqu app create|suspend|list``: what an operator does without a browser."""

from __future__ import annotations

import argparse
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid, NotFound

from .models import Application
from .selectors.apps import find_application
from .services.registering import Details, create_live
from .services.states import suspend
from .types.scopes import SCOPES
from .types.slots import CREATORS, KEY_REPLACERS
from .types.words import Protocol, SubjectType

USUAL_SCOPES = ("profile", "roles")
MOST_LISTED = 1000


def add_verbs(subparsers: Any) -> None:
    app = subparsers.add_parser("app", help=_("应用接入")).add_subparsers(required=True)
    parser = app.add_parser("create", help=_("登记一个应用，立即可用，给出接入参数"))
    parser.add_argument("--name", required=True, help=_("应用名称"))
    parser.add_argument("--protocol", required=True, choices=Protocol.values)
    parser.add_argument("--callback", required=True, nargs="+", metavar="URL", help=_("登录后回到的网址"))
    parser.add_argument("--scope", nargs="+", default=list(USUAL_SCOPES), choices=sorted(SCOPES), metavar="S")
    parser.add_argument("--organisation", default="", metavar="CODE", help=_("归哪个机构；不写就是整个区域"))
    told = _("应用看到的用户编号：pairwise 每个应用各不相同，public 全平台统一；以后不能再改")
    parser.add_argument("--user-id", default=SubjectType.PAIRWISE.value, choices=SubjectType.values, help=told)
    parser.add_argument("--backchannel-logout", default="", metavar="URL", help=_("退出通知送到的网址"))
    parser.add_argument("--post-logout", nargs="+", default=[], metavar="URL", help=_("退出后回到的网址"))
    parser.add_argument("--login-url", default="", metavar="URL", help=_("LTI 工具的登录网址"))
    parser.add_argument("--jwks-url", default="", metavar="URL", help=_("LTI 工具的公钥网址"))
    parser.add_argument("--deep-linking-url", default="", metavar="URL", help=_("LTI 工具挑选内容的网址"))
    parser.set_defaults(run=create_app)
    stop = app.add_parser("suspend", help=_("停用一个应用，几秒内谁也进不去"))
    stop.add_argument("id", help=_("应用的 client_id"))
    stop.add_argument("--reason", default="", help=_("原因"))
    stop.set_defaults(run=suspend_app)
    anew = app.add_parser("replace-keys", help=_("签名密钥可能泄露：立即换新，旧密钥签的一律作废"))
    anew.add_argument("protocol", choices=Protocol.values)
    anew.set_defaults(run=replace_keys)
    app.add_parser("list", help=_("列出应用")).set_defaults(run=list_apps)


def create_app(options: argparse.Namespace) -> dict[str, Any]:
    """Application and client, or nothing at all. What is printed beside the name is said by the protocol."""
    creator = CREATORS.get(options.protocol)
    if creator is None:
        raise Invalid(_("这个平台没有装 %(protocol)s 接入模块。") % {"protocol": options.protocol})
    place = registry.find_organisation(options.organisation) if options.organisation else None
    if options.organisation and place is None:
        raise NotFound(_("没有代码为“%(code)s”的机构。") % {"code": options.organisation})
    with transaction.atomic():
        app = create_live(
            actor=Actor.system("cli"), scopes=options.scope, organisation_id=place.id if place else None,
            details=Details(
                name=options.name, logout_support=bool(options.backchannel_logout), subject_type=options.user_id,
            ),
        )  # fmt: skip
        made = creator(app, options)
    return {"client_id": app.client_id, "name": app.name, "protocol": options.protocol, **made}


def suspend_app(options: argparse.Namespace) -> dict[str, str]:
    app = find_application(options.id)
    if app is None:
        raise NotFound(_("没有这个应用。"))
    suspend(actor=Actor.system("cli"), application_id=app.id, reason=options.reason or _("由运维人员停用"))
    return {"client_id": app.client_id, "name": app.name, "state": "suspended"}


def replace_keys(options: argparse.Namespace) -> dict[str, str]:
    """Applications that read keys by themselves go on; others need the new ones by hand."""
    replacer = KEY_REPLACERS.get(options.protocol)
    if replacer is None:
        raise Invalid(_("%(protocol)s 没有自己的签名密钥。") % {"protocol": options.protocol})
    with transaction.atomic():
        replacer(Actor.system("cli"))
    return {"protocol": options.protocol, "state": "replaced"}


def list_apps(options: argparse.Namespace) -> list[dict[str, str]]:
    """By name, at most a thousand."""
    rows = Application.objects.select_related("organisation", "vendor").order_by("name", "id")[:MOST_LISTED]
    return [
        {
            "client_id": row.client_id, "name": row.name, "state": row.state, "vendor": row.vendor.name if row.vendor else "",
            "organisation": row.organisation.name,
        }
        for row in rows
    ]  # fmt: skip
