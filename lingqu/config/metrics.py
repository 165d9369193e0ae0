"""Figures for Prometheus: requests counted across the web processes, and lags read from the database when asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from lingqu.config.archive.state import summary as archive_summary
from lingqu.config.backup import last_backup_age
from lingqu.config.drill import read_result
from lingqu.config.env import env
from lingqu.config.logs import REQUEST_ID
from lingqu.config.places import Places
from lingqu.kernel.lags import DECLARED, lags

log = logging.getLogger("lingqu.request")
REQUESTS = Counter("lingqu_requests", "Answered requests", ["method", "route", "status"])
SECONDS = Histogram(
    "lingqu_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class CountRequests:
    """Count and log each request by route pattern, never by address: addresses may hold identifiers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        token = REQUEST_ID.set(getattr(request, "request_id", ""))
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - begun
            match = request.resolver_match
            route = "/" + match.route if match else "(none)"
            method = request.method if request.method in METHODS else "OTHER"
            REQUESTS.labels(method, route, response.status_code).inc()
            SECONDS.labels(route).observe(seconds)
            fields = {"method": method, "route": route, "status": response.status_code}
            if route not in QUIET:
                log.info("answered", extra={**fields, "milliseconds": round(seconds * 1000, 1)})
        finally:
            REQUEST_ID.reset(token)
        return response


FIGURES: tuple[tuple[str, str, str], ...] = (
    ("lingqu_database_bytes", "Size of the database", "SELECT pg_database_size(current_database())"),
    (
        "lingqu_database_oldest_transaction_seconds",
        "Age of the oldest open transaction",
        "SELECT coalesce(extract(epoch FROM now() - min(xact_start)), 0) FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    ),
)
QUEUES = ("outbox", "jobs", "sealer", "messages")
TOTALS = ("dead_letters", "retrying", "failed_jobs", "failed_messages")


def read_figures() -> dict[str, float]:
    """Figures of the database itself."""
    found: dict[str, float] = {}
    with connection.cursor() as cursor:
        for name, _help, query in FIGURES:
            cursor.execute(query)
            found[name] = float(cursor.fetchone()[0])
    return found


def lag_families(known: dict[str, Any]) -> Iterator[GaugeMetricFamily]:
    """The kernel's queues: how much waits, and for how long."""
    waiting = GaugeMetricFamily("lingqu_queue_waiting", "What waits, counted to 10,000", labels=["queue"])
    seconds = GaugeMetricFamily("lingqu_queue_lag_seconds", "Age of the oldest that waits", labels=["queue"])
    for name in (*QUEUES, *(one for one in DECLARED if one in known)):
        waiting.add_metric([name], known[name]["waiting"])
        seconds.add_metric([name], known[name]["seconds"])
    yield waiting
    yield seconds
    for name in TOTALS:
        yield GaugeMetricFamily(f"lingqu_{name}", name.replace("_", " "), known[name])
    age = known["worker_seconds"]
    yield GaugeMetricFamily("lingqu_worker_seconds", "Since a worker's sign of life", -1 if age is None else age)


class Lags(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        """A database that is away leaves its figures out; the checks then say so."""
        try:
            values = read_figures()
            yield from [GaugeMetricFamily(name, told, values[name]) for name, told, _query in FIGURES]
            yield from list(lag_families(lags()))
        except Error as error:
            log.warning("figures of the database could not be read: %s", type(error).__name__)
        age = last_backup_age(Path(settings.LINGQU_HOME))
        yield GaugeMetricFamily("lingqu_backup_age_seconds", "Time since the last backup", -1 if age is None else age)
        yield from recovery_families(Path(settings.LINGQU_HOME))
        yield from checks_as_metrics()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()


def recovery_families(home: Path) -> Iterator[GaugeMetricFamily]:
    """The archive, where there is one, and the last drill."""
    archive = archive_summary(home, env().wal_archive)
    if archive is not None:
        seconds = archive.get("rpo_seconds")
        told = "Age of the oldest commit that may be missing from the archive"
        yield GaugeMetricFamily("lingqu_archive_lag_seconds", told, -1 if seconds is None else seconds)
        yield GaugeMetricFamily("lingqu_archive_ok", "1 while any moment can be restored", float(archive["ok"]))
    drill = read_result(home)
    if drill is not None:
        yield GaugeMetricFamily("lingqu_drill_ok", "1 if the last restore drill succeeded", float(drill["ok"]))
        at = datetime.fromisoformat(drill["at"]).timestamp()
        yield GaugeMetricFamily("lingqu_drill_age_seconds", "Time since the last restore drill", time.time() - at)


def checks_as_metrics() -> Iterator[GaugeMetricFamily]:
    from lingqu.config.health import run_checks

    family = GaugeMetricFamily("lingqu_ready", "1 while the check passes", labels=["check"])
    for check in run_checks():
        family.add_metric([check.name], float(check.ok))
    yield family


def exposition() -> tuple[bytes, str]:
    """The whole text and its content type."""
    registry = CollectorRegistry()
    if Places(Path(settings.LINGQU_HOME)).metrics.is_dir():
        MultiProcessCollector(registry, path=str(Places(Path(settings.LINGQU_HOME)).metrics))
    else:
        registry.register(REQUESTS)
        registry.register(SECONDS)
    registry.register(Lags())
    return generate_latest(registry), CONTENT_TYPE_LATEST
