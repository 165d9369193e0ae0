"""What a drill asks of the stored files: whether those that the restored database names are there, whole and what they say."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import psycopg

from lingqu.config.words import gettext as _
from lingqu.kernel.errors import NotFound
from lingqu.kernel.stores import Store

READ = 100
"""Files that are read to the end: so many of the newest, and so many from a random place on."""
CHOSEN = """
(SELECT digest FROM kernel_file ORDER BY stored_at DESC LIMIT %(n)s)
UNION (SELECT digest FROM kernel_file WHERE digest >= %(place)s ORDER BY digest LIMIT %(n)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSeen:
    """``in_bucket``: the files lie in the platform's own bucket and were looked at there, because an archive carries none.
    ``damaged`` have another size, or were read and are not what they are called."""

    in_bucket: bool = False
    known: int = 0
    missing: int = 0
    read: int = 0
    damaged: int = 0


def look_at_files(session: psycopg.Connection, store: Store, *, in_bucket: bool) -> FilesSeen:
    """Every file of the database in one listing of the store, some of them to the end. Writes nothing."""
    lacking: dict[str, int] = dict(session.execute("SELECT digest, size FROM kernel_file").fetchall())
    known, damaged, read = len(lacking), set(), 0
    for digest, size in store.list_all():
        if lacking.pop(digest, size) != size:
            damaged.add(digest)
    chosen = session.execute(CHOSEN, {"n": READ, "place": secrets.token_hex(32)}).fetchall()
    for (digest,) in chosen:
        if digest in lacking:
            continue
        read += 1
        if _digest_of(store, digest) != digest:
            damaged.add(digest)
    return FilesSeen(in_bucket=in_bucket, known=known, missing=len(lacking), read=read, damaged=len(damaged))


def _digest_of(store: Store, digest: str) -> str:
    """What the bytes under this name are called; empty when they have gone meanwhile."""
    found = hashlib.sha256()
    try:
        with store.open(digest) as source:
            while part := source.read(1 << 20):
                found.update(part)
    except NotFound:
        return ""
    return found.hexdigest()


def tell_files(seen: FilesSeen) -> str:
    """What was looked at, where, and what was not proved."""
    words = {"known": seen.known, "missing": seen.missing, "read": seen.read, "damaged": seen.damaged}
    if seen.in_bucket:
        told = _(
            "文件：存档只有数据库，文件在平台自己的桶里。登记 %(known)d 个，桶里缺 %(missing)d 个；读出核对 %(read)d 个，"
            "损坏 %(damaged)d 个。桶丢失的情形没有演练。"
        )
    else:
        told = _("文件：登记 %(known)d 个，恢复后缺 %(missing)d 个；读出核对 %(read)d 个，损坏 %(damaged)d 个。")
    return told % words
