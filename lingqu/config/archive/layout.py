"""How an archive lies on its disk, which base serves a moment, and what has become too old.

::

    archive.json                       whose it is
    lines/<moment>/line.json           one life of one cluster: a restore or a gap begins the next line
    lines/<moment>/wal/                segments as PostgreSQL wrote them; the last one is called ….partial
    lines/<moment>/bases/<moment>/     base.tar.gz, pg_wal.tar.gz, backup_manifest, base.json (written last)
    files/ab/cd/<digest>               the store's files; the time of change says when the store last had it
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lingqu.config.durable import write_json
from lingqu.config.words import gettext as _

SEGMENT_BYTES = 16 * 1024 * 1024
SEGMENT = re.compile(r"[0-9A-F]{24}")
STAMP = "%Y%m%dT%H%M%S.%fZ"


class ArchiveError(Exception):
    """The archive cannot be used; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseFacts:
    """What a base holds. A moment can be restored from it once it is not before ``ended_at``."""

    version: str
    home_id: str
    kind: str
    keys: dict[str, str]
    server: int
    began_at: str
    ended_at: str
    first_segment: str
    end_lsn: str
    database_bytes: int


@dataclass(frozen=True, slots=True)
class Base:
    folder: Path
    facts: BaseFacts

    @property
    def line(self) -> Line:
        return read_line(self.folder.parent.parent)

    @property
    def ended_at(self) -> datetime:
        return datetime.fromisoformat(self.facts.ended_at)

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())


@dataclass(frozen=True, slots=True)
class Line:
    """``system``: identifier and timeline of the cluster; ``slot``: what keeps its WAL until it is here."""

    folder: Path
    system: str
    slot: str

    @property
    def wal(self) -> Path:
        return self.folder / "wal"

    @property
    def bases(self) -> Path:
        return self.folder / "bases"

    def segments(self) -> list[Path]:
        """Complete segments and the open one, oldest first."""
        found = [path for path in self.wal.iterdir() if SEGMENT.fullmatch(path.name.removesuffix(".partial"))]
        return sorted(found, key=lambda path: path.name)


@dataclass(frozen=True, slots=True)
class Archive:
    root: Path

    @property
    def mark(self) -> Path:
        return self.root / "archive.json"

    @property
    def lines_folder(self) -> Path:
        return self.root / "lines"

    @property
    def files(self) -> Path:
        return self.root / "files"

    def lines(self) -> list[Line]:
        """Oldest first; half-made ones are left out."""
        folders = sorted(self.lines_folder.glob("*/line.json")) if self.lines_folder.is_dir() else []
        return [read_line(path.parent) for path in folders]

    def bases(self) -> list[Base]:
        """Complete bases of all lines, oldest first."""
        found = [base for line in self.lines() for base in read_bases(line)]
        return sorted(found, key=lambda base: base.ended_at)


def is_archive(folder: Path) -> bool:
    return Archive(folder).mark.is_file()


def home_of(archive: Archive) -> str:
    return str(json.loads(archive.mark.read_text())["home_id"])


def read_line(folder: Path) -> Line:
    stored = json.loads((folder / "line.json").read_text())
    return Line(folder, stored["system"], stored["slot"])


def read_bases(line: Line) -> Iterator[Base]:
    for path in sorted(line.bases.glob("*/base.json")):
        if path.parent.suffix != ".part":
            yield Base(path.parent, BaseFacts(**json.loads(path.read_text())))


def write_facts(folder: Path, facts: BaseFacts) -> None:
    write_json(folder / "base.json", asdict(facts))


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(STAMP)


def place_of(lsn: str) -> int:
    """The byte position that PostgreSQL writes as ``0/2000028``."""
    high, low = (int(part, 16) for part in lsn.split("/"))
    return (high << 32) + low


def segment_of(timeline: int, lsn: str, *, more: int = 0) -> str:
    """Name of the segment that holds a position, or of one some segments later."""
    number = place_of(lsn) // SEGMENT_BYTES + more
    per_id = (1 << 32) // SEGMENT_BYTES
    return f"{timeline:08X}{number // per_id:08X}{number % per_id:08X}"


def choose_base(bases: Iterable[Base], until: datetime | None) -> Base:
    """The newest base that was complete at ``until`` (None = the newest of all)."""
    known = list(bases)
    if not known:
        raise ArchiveError(_("存档里还没有完整的基础备份。"))
    fitting = [base for base in known if until is None or base.ended_at <= until]
    if not fitting:
        told = _("存档最早只能恢复到 %(moment)s。")
        raise ArchiveError(told % {"moment": local(min(base.ended_at for base in known))})
    return max(fitting, key=lambda base: base.ended_at)


def outdated(bases: Iterable[Base], *, days: int, now: datetime) -> list[Base]:
    """Bases that no moment of the last ``days`` days needs. The newest always stays."""
    limit = now - timedelta(days=days)
    before = sorted((base for base in bases if base.ended_at <= limit), key=lambda base: base.ended_at)
    return before[:-1]


def local(moment: datetime) -> str:
    """As people here write it."""
    from zoneinfo import ZoneInfo

    return moment.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")


def moment_from(text: str) -> datetime:
    """``2026-11-28 10:30`` (Chinese time unless an offset is given); ``ValueError`` on anything else."""
    from zoneinfo import ZoneInfo

    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo("Asia/Shanghai"))
