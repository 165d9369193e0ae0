"""Log files on the disk: rotated by size and day, compressed, and kept as long as the law asks.

网络安全法 第二十一条: network logs are kept for not less than six months. So a rotated file goes by its age only, never
because there are many; ``lingqu doctor`` says in time when the disk cannot hold them.
"""

from __future__ import annotations

import gzip
import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROTATE_BYTES = 32 * 1024 * 1024
DAY = 24 * 3600.0
ROTATE_SECONDS = DAY
ENDING = ".log.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """``kept`` bytes lie there now, ``per_day`` come each day, ``needed`` is what the whole time takes, ``free`` is left."""

    kept: int
    per_day: float
    needed: float
    free: int

    @property
    def fits(self) -> bool:
        """Half of what is free may go to logs: the database grows too."""
        return self.needed - self.kept <= self.free / 2


def archive_of(folder: Path) -> Path:
    return folder / "archive"


def tend(folder: Path, *, days: int, moment: float | None = None) -> None:
    """Rotate what is big or a day old, remove what is older than ``days``. Writers append, so truncating is safe."""
    moment = time.time() if moment is None else moment
    for path in folder.glob("*.log"):
        size = path.stat().st_size
        if size > ROTATE_BYTES or (size and moment - _began(path, moment) >= ROTATE_SECONDS):
            _rotate(path, moment)
    for path in archive_of(folder).glob(f"*{ENDING}"):
        if moment - path.stat().st_mtime > days * DAY:
            path.unlink(missing_ok=True)


def forecast(folder: Path, *, days: int, moment: float | None = None) -> Forecast:
    """From what was written in the last thirty days (or since the first file)."""
    moment = time.time() if moment is None else moment
    rotated = [(path.stat().st_mtime, path.stat().st_size) for path in archive_of(folder).glob(f"*{ENDING}")]
    kept = sum(size for _at, size in rotated)
    recent = [(at, size) for at, size in rotated if moment - at <= 30 * DAY]
    span = min(30.0, max(1.0, (moment - min((at for at, _size in recent), default=moment)) / DAY + 1))
    per_day = sum(size for _at, size in recent) / span
    free = shutil.disk_usage(folder if folder.is_dir() else folder.parent).free
    return Forecast(kept=kept, per_day=per_day, needed=per_day * days, free=free)


def _rotate(path: Path, moment: float) -> None:
    """Complete or not at all: the compressed file gets its name when it is whole, the log is emptied after that."""
    archive = archive_of(path.parent)
    archive.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")
    fresh = archive / f"{path.stem}-{stamp}.part"
    length = path.stat().st_size
    with path.open("rb") as source, gzip.open(fresh, "wb", compresslevel=1) as target:
        _copy(source, target, length)
    _keep_rest(path, length)
    os.utime(fresh, (moment, moment))
    fresh.rename(fresh.with_name(fresh.stem + ENDING))
    (path.parent / f".{path.stem}.began").touch()
    os.utime(path.parent / f".{path.stem}.began", (moment, moment))


def _copy(source: object, target: object, length: int) -> None:
    while length > 0:
        part = source.read(min(length, 1 << 20))  # type: ignore[attr-defined]
        if not part:
            return
        target.write(part)  # type: ignore[attr-defined]
        length -= len(part)


def _keep_rest(path: Path, length: int) -> None:
    """Empty the log but for lines that came while it was compressed."""
    with path.open("r+b") as log:
        log.seek(length)
        rest = log.read()
        log.truncate(0)
        if rest:
            with path.open("ab") as again:
                again.write(rest)


def _began(path: Path, moment: float) -> float:
    """When the present log file began: at the last rotation, else when it was first seen."""
    mark = path.parent / f".{path.stem}.began"
    if not mark.exists():
        mark.touch()
        os.utime(mark, (moment, moment))
    return mark.stat().st_mtime
