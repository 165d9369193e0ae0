"""What a home is, told by one small file: its id, whether it is demo or real, and which version last wrote it."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lingqu.config.durable import write_json

DEMO, REAL = "demo", "real"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeMark:
    """``kind`` never changes once set; ``filled`` tells whether the first content (the demo city) is in."""

    id: str
    kind: str
    version: str
    made_at: str
    filled: bool = False


def read_mark(home: Path) -> HomeMark | None:
    path = home / "home.json"
    if not path.is_file():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    return HomeMark(**{name: stored[name] for name in HomeMark.__dataclass_fields__ if name in stored})


def write_mark(home: Path, mark: HomeMark) -> HomeMark:
    write_json(home / "home.json", asdict(mark))
    return mark


def new_mark(*, kind: str, version: str) -> HomeMark:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    return HomeMark(id=uuid.uuid4().hex, kind=kind, version=version, made_at=made_at)


def is_newer(version: str, than: str) -> bool:
    """Whether ``version`` came after ``than``; a text that is no version number never did."""

    def numbers(text: str) -> tuple[int, ...]:
        found = re.match(r"\d+(\.\d+)*", text)
        return tuple(map(int, found[0].split("."))) if found else ()

    return numbers(version) > numbers(than)


def changed(mark: HomeMark, **changes: object) -> HomeMark:
    return replace(mark, **changes)  # type: ignore[arg-type]
