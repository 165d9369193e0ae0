"""``lingqu demo create | export | accounts``."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .files import export_city


def add_verbs(subparsers: Any) -> None:
    demo = subparsers.add_parser("demo", help=_("演示城市")).add_subparsers(required=True)
    create = demo.add_parser("create", help=_("生成名册并导入，建立演示城市"))
    create.add_argument("--people", type=int, default=30_000, metavar="N", help=_("人数"))
    create.set_defaults(run=create_demo)
    export = demo.add_parser("export", help=_("只写出演示城市的名册文件"))
    export.add_argument("--people", type=int, default=30_000, metavar="N", help=_("人数"))
    export.add_argument("folder", type=Path, metavar="DIR")
    export.add_argument("--error-share", type=share, default=0.0, metavar="X", help=_("故意写错的行所占比例，0 到 0.5"))
    export.set_defaults(run=export_demo)
    demo.add_parser("accounts", help=_("演示账号")).set_defaults(run=list_accounts)


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 0.5:
        raise ArgumentTypeError(_("应为 0 到 0.5 之间的数"))
    return value


def create_demo(options: Namespace) -> dict[str, Any]:
    from .creating import create_city

    return create_city(people=options.people)


def export_demo(options: Namespace) -> dict[str, Any]:
    return export_city(options.people, options.folder, error_share=options.error_share)


def list_accounts(options: Namespace) -> list[dict[str, str]]:
    from .accounts import demo_accounts

    return demo_accounts()
