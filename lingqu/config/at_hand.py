"""A home's lock and its database for a command, whether or not the platform runs."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from lingqu import __version__
from lingqu.config import home as homes
from lingqu.config import unfinished
from lingqu.config.backup import database_url
from lingqu.config.env import env
from lingqu.config.places import Places
from lingqu.config.postgres import Cluster
from lingqu.config.words import gettext as _
from lingqu.kernel.errors import Conflict


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def home_lock(places: Places) -> Iterator[bool]:
    """True while nobody else runs this home; a restore that only waited for its change over is finished first."""
    places.make()
    with places.lock.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        unfinished.finish_folders(places.home)
        yield True


@contextmanager
def database_at_hand(places: Places, *, alone: bool) -> Iterator[None]:
    """The home's database, started for the block if the platform is stopped. ``alone``: it must be stopped."""
    with home_lock(places) as is_ours:
        if not is_ours:
            if alone:
                raise running()
            yield
            return
        if env().database_url:
            unfinished.finish_databases(places.home, database_url())
            yield
            return
        cluster = Cluster(places.home, pg_bin=env().pg_bin)
        cluster.start()
        try:
            unfinished.finish_databases(places.home, database_url())
            yield
        finally:
            cluster.stop()


def running() -> Conflict:
    return Conflict(_("平台正在运行，请先停止：lingqu stop"))


def refuse_newer(mark: homes.HomeMark) -> None:
    """Raises :class:`Conflict` for a home that a newer version has written."""
    if homes.is_newer(mark.version, __version__):
        told = _("数据目录由更新的灵渠 %(theirs)s 写过，这里是 %(ours)s。请换回那个版本，或恢复升级前的备份。")
        raise Conflict(told % {"theirs": mark.version, "ours": __version__})
