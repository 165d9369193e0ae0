"""``lingqu records credential create|revoke``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid, NotFound

from .services import exporting
from .services.archiving import archive_due
from .services.credentials import create_credential, revoke_credential
from .services.erasing import erase_person
from .services.own import record
from .types.faults import Fault
from .types.jsontext import read_json
from .types.scopes import ALL, SCOPES
from .types.validation import check_statement

IMPORTED_AT_ONCE = 500


def add_verbs(subparsers: Any) -> None:
    records = subparsers.add_parser("records", help=_("学习记录")).add_subparsers(required=True)
    credential = records.add_parser("credential", help=_("xAPI 凭证")).add_subparsers(required=True)
    parser = credential.add_parser("create", help=_("新建凭证，给出地址、键和密钥（只显示一次）"))
    parser.add_argument("--name", default="xAPI", help=_("凭证名称"))
    parser.add_argument("--application", default="", metavar="CLIENT_ID", help=_("属于哪个应用"))
    parser.add_argument("--organisation", default="", metavar="CODE", help=_("属于哪个机构"))
    parser.add_argument("--scope", nargs="+", default=[ALL], choices=SCOPES, metavar="S")
    parser.set_defaults(run=create)
    parser = credential.add_parser("revoke", help=_("撤销凭证"))
    parser.add_argument("key")
    parser.set_defaults(run=revoke)
    parser = records.add_parser("export", help=_("导出新增的学习记录供分析（Parquet，不含姓名），可反复运行"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--compact", action="store_true", help=_("合并已结束月份的文件"))
    parser.set_defaults(run=export_statements)
    parser = records.add_parser("import", help=_("写入另一个学习记录库导出的语句（一行一条 JSON），可反复运行"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", required=True, help=_("以哪个凭证的名义写入"))
    parser.set_defaults(run=import_statements)
    parser = records.add_parser(
        "erase", help=_("抹去一个人的学习记录：语句不再指向此人，作答和附件删除，旧月份的文件重写")
    )
    parser.add_argument("number", help=_("平台人员编号"))
    parser.set_defaults(run=erase)
    parser = records.add_parser("archive", help=_("把较早月份的学习记录移入文件，仍可查询"))
    parser.add_argument("--months", type=int, default=None, help=_("留在数据库中的月数，不写则按设置"))
    parser.set_defaults(run=archive)


def create(options: argparse.Namespace) -> dict[str, str]:
    app = applications.find_application(options.application) if options.application else None
    if options.application and app is None:
        raise NotFound(_("没有这个应用。"))
    place = registry.find_organisation(options.organisation) if options.organisation else None
    if options.organisation and place is None:
        raise NotFound(_("没有代码为“%(code)s”的机构。") % {"code": options.organisation})
    made = create_credential(
        actor=Actor.system("cli"), name=options.name, scopes=tuple(options.scope),
        application_id=app.id if app else None, organisation_id=place.id if place else None,
    )  # fmt: skip
    return {"endpoint": made.endpoint, "key": made.key, "secret": made.secret}


def export_statements(options: argparse.Namespace) -> dict[str, int]:
    made = exporting.export(options.folder)
    return {**made, **(exporting.compact(options.folder) if options.compact else {})}


def archive(options: argparse.Namespace) -> dict[str, int]:
    return {"moved": archive_due(options.months)}


def import_statements(options: argparse.Namespace) -> dict[str, int]:
    """Statements keep their ids, so what is there already is left as it is."""
    taken = line = 0
    with options.file.open("rb") as lines:
        while chunk := list(islice(lines, IMPORTED_AT_ONCE)):
            sent = []
            for at, text in enumerate(chunk, line + 1):
                if text.strip():
                    with _at_line(at):
                        statement = read_json(text)
                        check_statement(deepcopy(statement), "$", is_2=True)
                        sent.append(statement)
            with _at_line(line + 1):
                taken += len(record("import", sent, key=options.key))
            line += len(chunk)
    return {"lines": line, "statements": taken}


@contextmanager
def _at_line(line: int) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        told = {"line": line, "path": fault.path or "$", "why": fault.message}
        raise Invalid(_("第 %(line)d 行，%(path)s：%(why)s") % told) from fault


def erase(options: argparse.Namespace) -> dict[str, int]:
    person = registry.find_person(options.number)
    if person is None:
        raise NotFound(_("没有这个人。"))
    return asdict(erase_person(actor=Actor.system("cli"), person_id=person.id))


def revoke(options: argparse.Namespace) -> dict[str, str]:
    revoke_credential(actor=Actor.system("cli"), key=options.key)
    return {"key": options.key, "state": "revoked"}
