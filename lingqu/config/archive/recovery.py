"""From an archive back to a data folder: unpack a base, give it the WAL, let PostgreSQL replay up to a moment.

Everything happens in a folder beside the present data, with its own server; whoever calls swaps the folders.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from lingqu.config.env import child_environment
from lingqu.config.postgres import Cluster, ClusterError, superuser_url
from lingqu.config.postgres.addresses import DATABASE
from lingqu.config.words import gettext as _

from .layout import SEGMENT_BYTES, ArchiveError, Base, Line, local, read_bases, segment_of

RESTORING = "data.restoring"
LAST_COMMIT = re.compile(r"last completed transaction was at log time (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*)\+00")
REPLAY_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """``last_commit``: when the youngest transaction that came back was committed (None: nothing after the base)."""

    folder: Path
    last_commit: datetime | None
    segments: int


def recover(
    base: Base, home: Path, *, pg_bin: Path | None, until: datetime | None, tell: Callable[[str], None]
) -> Recovered:
    """Make ``home/pg/data.restoring`` from ``base`` and its line's WAL, ready to be started. The home's own server must
    be stopped."""
    settings = {
        "restore_command": "'/bin/false'",  # all WAL lies in pg_wal already; the archive may be closed to this user
        "recovery_target_action": "'promote'",
        "hot_standby": "off",
        "fsync": "off",  # synced as a whole afterwards
    }
    if until is not None:
        settings["recovery_target_time"] = f"'{until.astimezone(UTC).strftime('%Y-%m-%d %H:%M:%S.%f')}+00'"
    cluster = Cluster(home, pg_bin=pg_bin, settings=settings, folder=RESTORING)
    cluster.prepare_places()
    require_fitting(base, cluster)
    tell(_("正在展开基础备份（%(moment)s）") % {"moment": local(base.ended_at)})
    unpack(base, cluster)
    tell(_("正在取回日志"))
    segments = bring_wal(base, cluster.data / "pg_wal", until)
    (cluster.data / "recovery.signal").touch()
    hand_over(cluster)
    tell(_("正在重放日志（%(n)d 段）") % {"n": segments})
    return Recovered(folder=cluster.data, last_commit=replay(cluster), segments=segments)


def require_fitting(base: Base, cluster: Cluster) -> None:
    told = subprocess.run(
        [str(cluster.programs["postgres"]), "--version"], capture_output=True, text=True, check=True
    ).stdout
    major = int(re.findall(r"\d+", told)[0])
    if major != base.facts.server:
        words = {"archive": base.facts.server, "here": major}
        raise ArchiveError(_("存档来自 PostgreSQL %(archive)d，这里是 %(here)d；请用同一主版本恢复。") % words)


def unpack(base: Base, cluster: Cluster) -> None:
    """The base as it was taken, checked file by file against its manifest."""
    shutil.rmtree(cluster.data, ignore_errors=True)
    cluster.data.mkdir(mode=0o700)
    try:
        extract(base.folder / "base.tar.gz", cluster.data)
        done = subprocess.run(
            [
                *(str(cluster.programs["pg_verifybackup"]), "--no-parse-wal", "--quiet"),
                *("--manifest-path", str(base.folder / "backup_manifest"), str(cluster.data)),
            ],
            capture_output=True, text=True, check=False, env=child_environment(LC_ALL="C"),
        )  # fmt: skip
        if done.returncode != 0:
            raise ArchiveError(done.stderr.strip()[-500:])
        (cluster.data / "pg_wal").mkdir(exist_ok=True)
        extract(base.folder / "pg_wal.tar.gz", cluster.data / "pg_wal")
    except (EOFError, tarfile.TarError, OSError, ArchiveError) as error:
        words = {"folder": base.folder, "detail": error}
        raise ArchiveError(_("基础备份 %(folder)s 已损坏：%(detail)s") % words) from error


def extract(source: Path, target: Path) -> None:
    with tarfile.open(source, "r:gz") as packed:
        packed.extractall(target, filter="tar")


def bring_wal(base: Base, target: Path, until: datetime | None) -> int:
    """Copy the segments that the moment needs over the base's own; returns how many.

    The last one is open while the archive is alive: it may be renamed meanwhile, and its torn end is no harm.
    """
    line, ended, count = base.line, base.ended_at.timestamp(), 0
    last = last_segment(line, until)
    for path in line.segments():
        name = path.name.removesuffix(".partial")
        if not base.facts.first_segment <= name <= last:
            continue
        source = path if path.exists() else path.with_name(name)
        status = source.stat()
        is_behind = source.suffix == ".partial" and status.st_mtime < ended and (target / name).exists()
        if status.st_size == SEGMENT_BYTES and not is_behind:
            shutil.copyfile(source, target / name)
            count += 1
    return count


def last_segment(line: Line, until: datetime | None) -> str:
    """The last one that a moment can need: a base that began later ends after all of the moment's commits. One more,
    because the replay stops at the first commit after the moment, and there must be one."""
    later = [base for base in read_bases(line) if until and datetime.fromisoformat(base.facts.began_at) > until]
    if not later:
        return "G"
    first = min(later, key=lambda base: base.facts.began_at).facts
    return segment_of(int(first.first_segment[:8], 16), first.end_lsn, more=1)


def hand_over(cluster: Cluster) -> None:
    """The service user owns its data (root unpacked them)."""
    if cluster.user is None:
        return
    for folder, _folders, files in os.walk(cluster.data):
        os.chown(folder, cluster.user.uid, cluster.user.gid)
        for name in files:
            os.chown(os.path.join(folder, name), cluster.user.uid, cluster.user.gid, follow_symlinks=False)


def replay(cluster: Cluster) -> datetime | None:
    """Start, wait for the end of the replay, mark the database as moved, stop; returns the last commit's moment."""
    begin = cluster.log.stat().st_size if cluster.log.exists() else 0
    try:
        cluster.start(seconds=REPLAY_SECONDS, tries=1)
    except ClusterError as error:
        raise ArchiveError(why_not(cluster.log, begin)) from error
    try:
        with psycopg.connect(superuser_url(cluster.home, DATABASE)) as connection:
            row = connection.execute("SELECT pg_last_xact_replay_timestamp()").fetchone()
            found = connection.execute("SELECT to_regclass('kernel_home_state')").fetchone()
            if found and found[0]:  # cursors of readers may lie in a future that is gone: the next start begins an era
                connection.execute("UPDATE kernel_home_state SET cluster = 'restored'")
    finally:
        cluster.stop()
    subprocess.run(["sync", "--file-system", str(cluster.data)], check=True)
    return row[0] if row else None


def why_not(log: Path, begin: int) -> str:
    """What the server said about a replay that did not reach its end."""
    with log.open("rb") as handle:
        handle.seek(begin)
        told = handle.read().decode(errors="replace")
    last = LAST_COMMIT.findall(told)
    if "before configured recovery target was reached" in told:
        if last:
            moment = local(datetime.fromisoformat(last[-1]).replace(tzinfo=UTC))
            return _("存档里最后一次提交是 %(moment)s，没有更晚的；请改用 --latest。") % {"moment": moment}
        return _("基础备份之后没有提交，请改用 --latest。")
    fatal = [line for line in told.splitlines() if "FATAL" in line or "PANIC" in line]
    return _("日志没有重放成功：%(detail)s") % {"detail": (fatal or told.splitlines() or ["?"])[-1][-300:]}
