"""What the keeper of the archive last said about it; read by status, metrics, the operator's page and doctor."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lingqu.config.durable import write_json
from lingqu.config.words import gettext as _

LIMIT = 60.0
"""Seconds of work that may be missing from the archive; more is a fault."""
SILENT = 30.0


@dataclass(slots=True, kw_only=True)
class ArchiveState:
    """``safe_at``: everything committed before that moment is on the archive's disk (seconds since the epoch; 0 =
    never). ``base_at``: when the newest base was complete. ``files_at``: when the store was last copied whole.
    ``problem``: a code of :func:`explain`, or empty."""

    root: str
    at: float = 0.0
    safe_at: float = 0.0
    base_at: float = 0.0
    files_at: float = 0.0
    bases: int = 0
    wal_bytes: int = 0
    behind_bytes: int = 0
    free_bytes: int = 0
    is_copying: bool = False
    problem: str = ""
    detail: str = ""


def state_path(home: Path) -> Path:
    return home / "run" / "archive.json"


def write_state(home: Path, state: ArchiveState) -> None:
    write_json(state_path(home), asdict(state))


def read_state(home: Path) -> ArchiveState | None:
    """None if this home never had an archive."""
    try:
        stored = json.loads(state_path(home).read_text(encoding="utf-8"))
        return ArchiveState(**{name: stored[name] for name in ArchiveState.__dataclass_fields__ if name in stored})
    except (OSError, ValueError, TypeError):
        return None


def explain(state: ArchiveState) -> str:
    """The problem as a sentence that says what to do, or empty."""
    told = {
        "full": _("存档磁盘已满，请清理或扩容：%(root)s"),
        "foreign": _("存档目录属于另一个平台，请另设 LINGQU_WAL_ARCHIVE：%(root)s"),
        "gone": _("存档目录空了或没有挂载：%(root)s。确要重新开始，请删除数据目录里的 run/archive.json。"),
        "inside": _("存档目录不能在平台数据目录之内：%(root)s"),
        "in_use": _("另一个进程正在使用这个存档目录：%(root)s"),
        "disk": _("存档目录不能写入（%(detail)s）：%(root)s"),
        "database": _("存档进程连不上数据库（%(detail)s）。"),
        "receiver": _("日志接收中断，正在重试（%(detail)s）。"),
        "base": _("基础备份没有做成，稍后重试（%(detail)s）。"),
    }
    return told[state.problem] % {"root": state.root, "detail": state.detail} if state.problem else ""


def summary(home: Path, root: Path | None) -> dict[str, Any] | None:
    """For ``lingqu status``: None without an archive. ``rpo_seconds``: age of the oldest commit that might be missing."""
    if root is None:
        return None
    state = read_state(home)
    if state is None or state.root != str(root):
        return {"folder": str(root), "ok": False, "problem": _("存档进程还没有开始工作。")}
    now = time.time()
    rpo = now - state.safe_at if state.safe_at else None
    problem = explain(state)
    if not problem and now - state.at > SILENT:
        problem = _("存档进程没有在运行。")
    return {
        "folder": state.root,
        "ok": not problem and rpo is not None and rpo <= LIMIT and bool(state.base_at),
        "rpo_seconds": None if rpo is None else round(rpo, 1),
        "base_age_seconds": round(now - state.base_at) if state.base_at else None,
        "bases": state.bases,
        "wal_bytes": state.wal_bytes,
        "behind_bytes": state.behind_bytes,
        "free_bytes": state.free_bytes,
        "problem": problem,
    }
