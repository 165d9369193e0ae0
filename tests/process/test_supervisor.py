"""The platform stays up, heals, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
from contextlib import suppress

import psutil
import psycopg
import pytest

from lingqu.config.postgres import url_of
from lingqu.config.processes import members_of_session

from .conftest import Platform, wait_for

pytestmark = pytest.mark.process
HEAL_SECONDS = 30


def test_starts_answers_and_stops_without_a_trace(platform: Platform) -> None:
    supervisor = platform.run(fresh=True)

    assert platform.get("/healthz")[:2] == (200, "ok\n")
    assert json.loads(platform.get("/readyz")[1])["ready"] is True
    assert "lingqu_queue_lag_seconds" in platform.get("/metrics")[1]
    status = json.loads(platform.command("status", "--json").stdout)
    assert (status["ready"], status["database"], status["kind"]) == (True, "embedded", "real")
    assert {entry["name"]: entry["running"] for entry in status["processes"]} == {
        "supervisor": True, "postgres": True, "web": True, "live": True, "worker": True, "front": True
    }  # fmt: skip

    stopped = platform.command("stop", "--json")
    assert json.loads(stopped.stdout) == {"ok": True, "was_running": True}
    assert not supervisor.is_running() or supervisor.status() == psutil.STATUS_ZOMBIE
    assert platform.processes() == []
    assert platform.command("status").returncode == 1


def test_ctrl_c_stops_everything(platform: Platform) -> None:
    supervisor = platform.run()
    supervisor.send_signal(signal.SIGINT)
    wait_for(lambda: platform.started[0].poll() is not None, 30)
    assert platform.started[0].returncode == 0
    assert platform.processes() == []


def test_every_killed_child_is_replaced(platform: Platform) -> None:
    platform.run()
    for name in ("front", "web", "live", "worker", "postgres"):
        pid = platform.pid(name)
        psutil.Process(pid).kill()
        wait_for(lambda name=name, pid=pid: platform.pid(name) != pid and platform.is_ready(), HEAL_SECONDS)
        status = json.loads(platform.command("status", "--json").stdout)
        assert {entry["name"]: entry.get("restarts") for entry in status["processes"]}[name] == 1, name


def test_killed_web_worker_is_replaced(platform: Platform) -> None:
    platform.run()
    for worker in psutil.Process(platform.pid("web")).children():
        worker.kill()
    wait_for(platform.is_ready, HEAL_SECONDS)


def test_all_children_killed_at_once(platform: Platform) -> None:
    platform.run()
    pids = {name: platform.pid(name) for name in ("front", "web", "live", "worker", "postgres")}
    for pid in pids.values():
        psutil.Process(pid).kill()
    wait_for(lambda: all(platform.pid(name) != pid for name, pid in pids.items()) and platform.is_ready(), HEAL_SECONDS)


def test_second_start_heals_a_killed_supervisor(platform: Platform) -> None:
    supervisor = platform.run()
    with psycopg.connect(url_of(platform.home), autocommit=True) as connection:
        connection.execute("CREATE TABLE acknowledged (n int)")
        connection.execute("INSERT INTO acknowledged VALUES (1)")
    supervisor.kill()
    platform.started[0].wait(10)
    platform.run(seconds=HEAL_SECONDS)
    with psycopg.connect(url_of(platform.home)) as connection:
        assert connection.execute("SELECT n FROM acknowledged").fetchall() == [(1,)]
    platform.command("stop")
    assert platform.processes() == []


def test_everything_killed_at_once_heals_at_the_next_start(platform: Platform) -> None:
    platform.run()
    for process in platform.processes():
        with suppress(psutil.NoSuchProcess):  # the death of its parent was faster
            process.kill()
    platform.run(seconds=HEAL_SECONDS)
    assert platform.get("/healthz")[0] == 200


def test_only_one_supervisor_a_home(platform: Platform) -> None:
    platform.run()
    second = platform.command("run")
    assert second.returncode == 1
    assert str(platform.home) in second.stderr
    assert platform.is_ready()


@pytest.mark.deep
def test_reused_pids_in_old_files_harm_nobody(platform: Platform) -> None:
    """Pid files of a past life now name a process of somebody else."""
    platform.run()
    platform.command("stop")
    stranger = psutil.Popen(["sleep", "300"], start_new_session=True)
    try:
        for name in ("web", "worker", "postgres", "supervisor"):
            platform.places.pid_of(name).write_text(json.dumps({"pid": stranger.pid, "started": 1.0}))
        data = platform.home / "pg" / "data"
        (data / "postmaster.pid").write_text(f"{stranger.pid}\n{data}\n1\n5432\n\n\n\nready   \n")
        platform.run(seconds=HEAL_SECONDS)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.deep
def test_two_homes_side_by_side(platform: Platform, second_platform: Platform) -> None:
    platform.run()
    second_platform.run()
    assert platform.state["port"] != second_platform.state["port"]
    platform.command("stop")
    assert platform.processes() == []
    assert second_platform.is_ready()


def test_content_host_serves_no_platform_page(platform: Platform) -> None:
    platform.run()
    status, _body, headers = platform.get("/sign-in?next=/", host="127.0.0.1")
    assert (status, headers["Location"]) == (302, f"http://localhost:{platform.state['port']}/sign-in?next=/")
    status, _body, headers = platform.get("/content/none", host="127.0.0.1")
    assert status == 404
    assert "Set-Cookie" not in headers


def test_maintenance_page_while_the_web_server_is_away(platform: Platform) -> None:
    supervisor = platform.run()
    supervisor.suspend()
    for process in members_of_session(platform.pid("web")):
        process.kill()
    status, body, headers = platform.get("/", seconds=20)
    assert (status, headers["Retry-After"]) == (503, "5")
    assert "正在启动" in body
    status, body, _headers = platform.get("/api/v1/anything", seconds=20)
    assert (status, json.loads(body)["code"]) == (503, "unavailable")
    supervisor.resume()
    wait_for(platform.is_ready, HEAL_SECONDS)
