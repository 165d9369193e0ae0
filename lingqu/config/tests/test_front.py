import json
import subprocess
from pathlib import Path

from lingqu.config.children import program
from lingqu.config.env import read
from lingqu.config.front import configuration
from lingqu.config.places import Places


def test_caddy_accepts_the_configuration(tmp_path: Path) -> None:
    env = read({"LINGQU_HOME": str(tmp_path), "LINGQU_TRUSTED_PROXIES": "10.0.0.0/8"})
    chosen = configuration(env, Places(tmp_path), port=8123, trusted_proxies=env.trusted_proxies)
    (tmp_path / "caddy.json").write_text(json.dumps(chosen))
    done = subprocess.run(
        [program("caddy"), "validate", "--config", str(tmp_path / "caddy.json")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_no_admin_port_and_only_the_asked_addresses(tmp_path: Path) -> None:
    env = read({"LINGQU_HOME": str(tmp_path), "LINGQU_BIND": "0.0.0.0,::"})
    chosen = configuration(env, Places(tmp_path), port=8123)
    assert chosen["admin"]["disabled"] is True
    assert chosen["apps"]["http"]["servers"]["front"]["listen"] == ["tcp/0.0.0.0:8123", "tcp/[::]:8123"]


def test_content_host_is_left_out_when_it_is_the_platform_itself(tmp_path: Path) -> None:
    env = read({"LINGQU_HOME": str(tmp_path), "CONTENT_ORIGIN": "http://localhost:8000"})
    routes = configuration(env, Places(tmp_path), port=8000)["apps"]["http"]["servers"]["front"]["routes"]
    assert not any("host" in match for route in routes for match in route.get("match", []))


def test_passwords_wait_at_the_door_and_pages_do_not(tmp_path: Path) -> None:
    """A rush of sign-ins holds three threads of the web server at most; Caddy counts them apart from pages."""
    env = read({"LINGQU_HOME": str(tmp_path)})
    routes = configuration(env, Places(tmp_path), port=8123)["apps"]["http"]["servers"]["front"]["routes"]
    door, rest = routes[-2:]
    assert door["match"][0]["method"] == ["POST"] and "/sign-in" in door["match"][0]["path"]
    asked, others = (route["handle"][0]["upstreams"][0] for route in (door, rest))
    assert asked["max_requests"] == 3 and "max_requests" not in others
    assert asked["dial"] != others["dial"]
    assert Path(asked["dial"].removeprefix("unix/")) == Path(others["dial"].removeprefix("unix/"))
