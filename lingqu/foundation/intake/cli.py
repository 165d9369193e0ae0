"""``lingqu roster import``."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, NotFound

from .applying.running import Result, Strict, run_import
from .applying.services import create_import, find_interrupted
from .models import Import
from .reports import write_json_lines, write_xlsx
from .types import ReadFile

OUTAGE_SECONDS, BEGIN_SECONDS = 120.0, 30.0
"""So long does an import wait for a database that went away, and for one that is away as it begins."""
MOST_OUTAGES = 5
"""Outages without a chunk between them after which the import is what brings the database down."""


class UnusableFile(DomainError):
    code = "unusable_file"
    exit_code = 2


def add_verbs(subparsers: Any) -> None:
    group = subparsers.add_parser("roster", help=_("名册")).add_subparsers(required=True)
    parser = group.add_parser("import", help=_("导入名册文件：CSV、XLS、XLSX、ZIP 或 OneRoster 文件夹"))
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--source", default="school-roster", help=_("来源代码：同一来源的行会被认出"))
    parser.add_argument("--node", default="", help=_("导入到哪个机构之下（机构代码），默认最上级"))
    parser.add_argument("--dry-run", action="store_true", help=_("只校验，不写入"))
    parser.add_argument("--strict", action="store_true", help=_("有阻断问题就一行也不写"))
    parser.add_argument("--resume", action="store_true", help=_("继续被中断的同一次导入"))
    parser.add_argument("--into-demo", action="store_true", help=_("允许写入演示环境"))
    parser.set_defaults(run=roster_import)


def roster_import(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit codes: 0 applied or checked, 2 unusable file, 3 nothing applied because of ``--strict``, 1 anything else."""
    actor = Actor.system("roster import")
    record = _begin_through_outage(actor, options)
    try:
        read = [ReadFile(name=path.name, path=path) for path in map(Path.resolve, options.files)]
        result = _run_through_outages(actor, record, read)
    except Strict:
        return _answer(record, Result.of(Import.objects.get(id=record.id))), Strict.exit_code
    return _answer(record, result), 0


def _begin_through_outage(actor: Actor, options: Namespace) -> Import:
    try:
        return _begin(actor, options, resume=options.resume)
    except (OperationalError, InterfaceError) as error:
        if not _is_lost(error):
            raise
        _show(_("数据库没有应答，最多等 %(seconds)d 秒。") % {"seconds": BEGIN_SECONDS}, 0, 0)
        if not _is_back(BEGIN_SECONDS):
            raise
    return _begin(actor, options, resume=True)  # the record may have been made although the answer was lost


def _begin(actor: Actor, options: Namespace, *, resume: bool) -> Import:
    """The interrupted import of these files, if it is to be resumed and there is one, else a new one."""
    place = registry.find_organisation(options.node) if options.node else registry.root_organisation()
    if place is None:
        raise NotFound(_("没有这个机构：%(code)s。") % {"code": options.node or _("根机构")})
    missing = [path for path in options.files if not path.exists()]
    if missing:
        raise UnusableFile(_("没有这个文件：%(name)s。") % {"name": missing[0]})
    paths, scope = [path.resolve() for path in options.files], str(place.path)
    record = find_interrupted(source=options.source, scope=scope, paths=paths) if resume else None
    return record or create_import(
        actor=actor, scope=scope, paths=paths, source=options.source, dry_run=options.dry_run,
        strict=options.strict, into_demo=options.into_demo,
    )  # fmt: skip


def _run_through_outages(actor: Actor, record: Import, read: list[ReadFile]) -> Result:
    """The import goes on by itself when the database was away for a while, where its last chunk ended."""
    outages, reached = 0, record.chunks_done
    while True:
        try:
            record.refresh_from_db()
            if record.chunks_done != reached:
                outages, reached = 0, record.chunks_done
            return run_import(actor=actor, import_id=record.id, files=read, progress=_show)
        except (OperationalError, InterfaceError) as error:
            outages += 1
            if not _is_lost(error) or outages > MOST_OUTAGES:
                raise
            _show(_("数据库连接中断，恢复后自动继续。"), 0, 0)
            if not _is_back(OUTAGE_SECONDS):
                raise


def _is_lost(error: Error) -> bool:
    """Whether the connection broke or could not be made, rather than a statement that was refused."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] == "08" or state in {"57P01", "57P02", "57P03"}


def _is_back(seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection.close()
            connection.ensure_connection()
        except Error:
            time.sleep(0.5)
        else:
            return True
    return False


def _answer(record: Import, result: Result) -> dict[str, Any]:
    folder = Path(settings.LINGQU_HOME) / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    record.refresh_from_db()
    return {
        "number": record.number, "state": record.state, **result.as_counts(),
        "report": str(write_xlsx(record, folder / f"{record.number}.xlsx")),
        "report_json": str(write_json_lines(record, folder / f"{record.number}.jsonl")),
    }  # fmt: skip


def _show(state: str, done: int, of: int) -> None:
    print(state or _("已写入 %(done)d 批，共 %(of)d 批") % {"done": done, "of": of}, file=sys.stderr, flush=True)
