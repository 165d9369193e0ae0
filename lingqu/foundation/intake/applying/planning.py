"""The chunks of a delivery, and making one ready while the database applies the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from uuid import UUID

import polars as pl
from django.conf import settings
from django.db import connection

from lingqu.foundation.registry import api as registry

CHUNK_ROWS = settings.LINGQU_IMPORT_CHUNK
HEAD_TEACHERS = "head_teachers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Rows ``start`` to ``stop`` of one kind; ``position`` counts the chunks of that kind from 0."""

    kind: str
    position: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """``fingerprint`` is the same for the same rows of the kind: a resumed import may skip chunks by position."""

    chunk: Chunk
    prepared: registry.Prepared
    fingerprint: str


@dataclass(slots=True, kw_only=True)
class Planner:
    """Plans and prepares; holds one kind's rows and what the source said about them last time."""

    frames: dict[str, pl.DataFrame]
    source: str
    source_id: int
    scope: str
    number: str
    import_id: UUID
    as_of: date
    keys: dict[str, pl.Series] = field(default_factory=dict)
    _kind: str = ""
    _rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    _known: pl.DataFrame = field(default_factory=pl.DataFrame)
    _fingerprint: str = ""

    def chunks(self) -> list[Chunk]:
        """In the order of the kinds; 班主任 follow the staff, whom they name."""
        if (classes := self.frames.get("classes")) is not None and "head_teacher_ref" in classes.columns:
            self.frames[HEAD_TEACHERS] = _head_teachers(classes)
        order = list(registry.ROW_ORDER)
        order.insert(order.index("staff") + 1, HEAD_TEACHERS)
        return [
            Chunk(kind=kind, position=n, start=start, stop=min(start + CHUNK_ROWS, len(self.frames[kind])))
            for kind in order
            if kind in self.frames
            for n, start in enumerate(range(0, len(self.frames[kind]), CHUNK_ROWS))
        ]

    def prepare(self, chunk: Chunk) -> Ready:
        if chunk.kind != self._kind:
            self._enter(chunk.kind)
        rows = self._rows.slice(chunk.start, chunk.stop - chunk.start)
        batch = registry.Batch(
            kind=chunk.kind, source=self.source, scope=self.scope, rows=rows, number=self.number,
            import_id=self.import_id, position=chunk.position, as_of=self.as_of, keys=self.keys[chunk.kind],
        )  # fmt: skip
        return Ready(chunk=chunk, prepared=registry.prepare_batch(batch, self._known), fingerprint=self._fingerprint)

    def _enter(self, kind: str) -> None:
        """Digests of a whole kind at once: unchanged rows go no further, and what else the file says is known."""
        self._kind = kind
        self._rows = registry.with_digests(kind, self.frames.pop(kind))
        self.keys[kind] = self._rows["key_hash"]
        self._known = registry.known_links(self.source_id, kind, self._rows["key_hash"])
        digest = blake2b(digest_size=16)
        for text in self._rows["row_hash"]:
            digest.update(text.encode())
        self._fingerprint = digest.hexdigest()


def _head_teachers(classes: pl.DataFrame) -> pl.DataFrame:
    stated = classes.filter(pl.col("head_teacher_ref").fill_null("") != "")
    return stated.select(
        "key", "school_ref", pl.col("key").alias("class_ref"), pl.col("head_teacher_ref").alias("teacher_ref"),
        "file", "sheet", "row_number",
    )  # fmt: skip


@contextmanager
def prepared_ahead(chunks: list[Chunk], prepare: Callable[[Chunk], Ready]) -> Iterator[Iterator[Ready]]:
    """Chunks in order, each made ready by a second thread while the caller works on the one before; the thread ends with
    the block, however that ends.

    Inside a transaction (tests) everything happens in turn: a second connection would not see its rows.
    """
    if connection.in_atomic_block:
        yield map(prepare, chunks)
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="intake-prepare") as pool:
        try:
            yield _ahead(pool, chunks, prepare)
        finally:
            pool.submit(lambda: connection.close()).result()  # the thread's own connection


def _ahead(pool: ThreadPoolExecutor, chunks: list[Chunk], prepare: Callable[[Chunk], Ready]) -> Iterator[Ready]:
    waiting: Future[Ready] | None = pool.submit(prepare, chunks[0]) if chunks else None
    for following in [*chunks[1:], None]:
        ready = waiting.result() if waiting else None
        waiting = pool.submit(prepare, following) if following else None
        if ready is not None:
            yield ready
            del ready
