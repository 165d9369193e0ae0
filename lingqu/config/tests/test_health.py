import json

import pytest
from django.test import Client

from lingqu.config import health
from lingqu.config.health import Check


def test_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_not_ready_without_a_worker(client: Client) -> None:
    answer = client.get("/readyz")
    checks = {check["name"]: check["ok"] for check in json.loads(answer.content)["checks"]}
    assert answer.status_code == 503
    assert checks == {"database": True, "jobs": False, "storage": True, "disk": True}


@pytest.mark.django_db
def test_full_disk_turns_red_before_postgresql_fails(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"total": 100 * 1024**3, "free": 900 * 1024**2})
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert health.check_disk() == Check("disk", False, "900 MiB free")


@pytest.mark.django_db
def test_metrics_are_prometheus_text(client: Client) -> None:
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    for name in ("lingqu_requests_total", 'lingqu_queue_lag_seconds{queue="sealer"}', "lingqu_backup_age_seconds -1.0"):
        assert name in text


def test_health_addresses_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
