"""``/healthz`` (this process is alive), ``/readyz`` (the platform can work) and ``/metrics`` (Prometheus text)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import Error, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from lingqu import __version__
from lingqu.kernel.access import public
from lingqu.kernel.errors import Unavailable
from lingqu.kernel.files import place, reserve_of, store
from lingqu.kernel.lags import worker_age
from lingqu.kernel.stores import LocalStore

WORKER_SECONDS, BUCKET_SECONDS = 40, 20


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must work. ``detail`` holds figures, never names of people, hosts or paths."""

    name: str
    ok: bool
    detail: str = ""


def check_database() -> Check:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '3s'")
            cursor.execute("SELECT pg_is_in_recovery()")
            read_only = cursor.fetchone()[0]
    except Error as error:
        return Check("database", False, type(error).__name__)
    return Check("database", not read_only, "read only" if read_only else "")


def check_jobs() -> Check:
    """A worker has given a sign of life lately."""
    try:
        age = worker_age()
    except Error as error:
        return Check("jobs", False, type(error).__name__)
    if age is None:
        return Check("jobs", False, "no worker")
    return Check("jobs", age < WORKER_SECONDS, f"{age:.0f} s since the last sign of life")


def check_storage() -> Check:
    """A file can be written where uploads go; a bucket is asked at most every twenty seconds."""
    try:
        if settings.LINGQU_FILES:
            _probe_bucket(int(time.monotonic() // BUCKET_SECONDS))
        LocalStore(place().root).probe()
    except Unavailable as error:
        return Check("storage", False, type(error.__cause__ or error).__name__)
    return Check("storage", True)


@lru_cache(maxsize=1)
def _probe_bucket(moment: int) -> None:
    store().probe()


def check_disk() -> Check:
    """Turns red while PostgreSQL can still write, so that somebody acts before it stops."""
    home = Path(settings.LINGQU_HOME)
    usages = [shutil.disk_usage(folder) for folder in (home, home / "pg") if folder.exists()]
    has_room = all(usage.free >= reserve_of(usage.total) for usage in usages)
    return Check("disk", has_room, f"{min(usage.free for usage in usages) // 1024**2} MiB free")


CHECKS: tuple[Callable[[], Check], ...] = (check_database, check_jobs, check_storage, check_disk)


def run_checks() -> tuple[Check, ...]:
    return tuple(check() for check in CHECKS)


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@public
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    checks = run_checks()
    ready = all(check.ok for check in checks)
    body = {"ready": ready, "version": __version__, "checks": [asdict(check) for check in checks]}
    return JsonResponse(body, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


@public
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    from lingqu.config.metrics import exposition

    text, content_type = exposition()
    return HttpResponse(text, content_type=content_type, headers={"Cache-Control": "no-store"})
