"""``lingqu rollover preview|apply|undo|lock`` and ``lingqu placement verify``."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError, NotFound

from . import placing
from .selectors import plans
from .services.running import perform, start_run
from .services.years import ensure_rollover, lock_rollover
from .types.words import RunKind


def add_verbs(subparsers: Any) -> None:
    group = subparsers.add_parser("rollover", help=_("学年升级")).add_subparsers(required=True)
    for kind, told in (
        (RunKind.PREVIEW, _("算出预览，不写入名册")),
        (RunKind.APPLY, _("应用可应用的学校")),
        (RunKind.UNDO, _("撤销已应用的学校")),
    ):
        parser = group.add_parser(kind.value, help=told)
        _add_common(parser)
        if kind == RunKind.APPLY:
            parser.add_argument("--include-missing", action="store_true", help=_("缺新生名册的学校也应用"))
        if kind == RunKind.UNDO:
            parser.add_argument("--keep-changed", action="store_true", help=_("这期间另外改过的学生保持现状，其余撤销"))
        parser.set_defaults(run=run_rollover, kind=kind.value)
    parser = group.add_parser("lock", help=_("锁定，之后不能应用或撤销"))
    _add_common(parser)
    parser.set_defaults(run=lock)
    group = subparsers.add_parser("placement", help=_("阳光分班")).add_subparsers(required=True)
    parser = group.add_parser("verify", help=_("用封存文件重算分班结果，不需要数据库"))
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.set_defaults(run=verify_placement)


class UnusableFile(DomainError):
    code = "unusable_file"
    exit_code = 2


def _add_common(parser: Any) -> None:
    parser.add_argument("--year", default="", help=_("升入的学年，例如 2027-2028；默认下一学年"))
    parser.add_argument("--node", default="", help=_("只做这个机构及其下级（机构代码），默认全部"))


def _year(options: Namespace) -> str:
    return options.year or next_year()


def next_year() -> str:
    """The school year after the current one."""
    current = registry.current_school_year() or registry.school_year_of(clock.today())
    first = int(current[:4]) + 1
    return f"{first}-{first + 1}"


def run_rollover(options: Namespace) -> tuple[dict[str, Any], int]:
    """Runs here and now. Exit code 3 when schools were kept back."""
    place = registry.find_organisation(options.node) if options.node else registry.root_organisation()
    if place is None:
        raise NotFound(_("没有这个机构：%(code)s。") % {"code": options.node or _("根机构")})
    begun, path, year = time.monotonic(), str(place.path), _year(options)
    actor = Actor.system("rollover")
    wanted = {"include_missing": getattr(options, "include_missing", False),
              "seen_all": getattr(options, "keep_changed", False)}  # fmt: skip
    run = start_run(actor=actor, kind=options.kind, to_year=year, path=path, options=wanted, queued=False)
    run = perform(run.id, _show)
    totals = plans.totals(actor=actor, rollover=ensure_rollover(year), path=path)
    kept_back = sum(n for code, n in run.result.items() if code not in ("applied", "undone", "schools"))
    answer = {"year": year, "node": place.code, "kind": options.kind, "result": run.result, **totals.as_dict(),
              "seconds": round(time.monotonic() - begun, 2)}  # fmt: skip
    return answer, 3 if kept_back else 0


def lock(options: Namespace) -> dict[str, Any]:
    found = lock_rollover(actor=Actor.system("rollover"), to_year=_year(options))
    return {"year": found.to_year, "locked_at": found.locked_at.isoformat() if found.locked_at else ""}


def _show(done: int, total: int) -> None:
    print(_("已完成 %(done)d 所，共 %(total)d 所") % {"done": done, "total": total}, file=sys.stderr, flush=True)


MOST_BYTES = 20 << 20


def verify_placement(options: Namespace) -> tuple[dict[str, Any], int]:
    """Exit codes: 0 everything agrees, 1 something does not, 2 not a sealed file."""
    try:
        if options.file.stat().st_size > MOST_BYTES:
            raise UnusableFile(_("这个文件太大，不是分班的封存文件。"))
        value = json.loads(options.file.read_text(encoding="utf-8"))
        good, wrong = placing.verify(value)
    except OSError as error:
        raise UnusableFile(_("没有这个文件：%(name)s。") % {"name": options.file}) from error
    except (ValueError, RecursionError) as error:
        raise UnusableFile(_("这不是分班的封存文件：%(why)s。") % {"why": str(error)[:200]}) from error
    pupils = len(value["inputs"]["pupils"])
    answer = {
        "ok": good,
        "differs": wrong,
        "sha256": value.get("sha256"),
        "pupils": pupils,
        "late": len(value.get("late") or []),
    }
    return answer, 0 if good else 1
