from pathlib import Path

import pytest

from lingqu.config.env import EnvironmentFault, _from_file, read


def test_defaults_suit_a_first_start() -> None:
    chosen = read({})
    assert chosen.home == Path("var").resolve()
    assert chosen.key_file == Path("var.keys").resolve()
    assert (chosen.port, chosen.public_url) == (8000, "http://localhost:8000")
    assert chosen.content_origin == "http://127.0.0.1:8000"
    assert chosen.bind == ("127.0.0.1", "::1")
    assert (chosen.database_url, chosen.role, chosen.node_code) == ("", "command", "001")


def test_two_homes_get_different_keys_and_addresses() -> None:
    one, two = read({"LINGQU_HOME": "/srv/a", "LINGQU_PORT": "8001"}), read({"LINGQU_HOME": "/srv/b"})
    assert one.key_file == Path("/srv/a.keys")
    assert one.public_url != two.public_url


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("LINGQU_PORT=9000", {"LINGQU_PORT": "9000"}),
        ("export LINGQU_PORT='9000'", {"LINGQU_PORT": "9000"}),
        ('DATABASE_URL="postgresql://a@b/c?x=1"', {"DATABASE_URL": "postgresql://a@b/c?x=1"}),
        ("# LINGQU_PORT=9000", {}),
        ("", {}),
    ],
)
def test_environment_file(tmp_path: Path, line: str, found: dict[str, str]) -> None:
    (tmp_path / ".env").write_text(line + "\n", encoding="utf-8")
    assert _from_file(tmp_path / ".env") == found


def test_an_unknown_cipher_is_refused() -> None:
    assert read({"LINGQU_CRYPTO": "sm"}).crypto == "sm"
    with pytest.raises(ValueError, match="default, sm"):
        read({"LINGQU_CRYPTO": "des"})


def test_the_secret_of_a_bucket_is_not_shown() -> None:
    for name in ("LINGQU_FILES_SECRET", "LINGQU_SMS_SECRET"):
        assert "hidden" not in repr(read({name: "hidden"}))


@pytest.mark.parametrize(
    "given",
    [
        {"LINGQU_MAIL": "mail.example.cn", "LINGQU_MAIL_FROM": "a@b.cn"},
        {"LINGQU_MAIL": "http://mail.example.cn", "LINGQU_MAIL_FROM": "a@b.cn"},
        {"LINGQU_MAIL": "smtps://mail.example.cn"},
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(EnvironmentFault, match="LINGQU_MAIL"):
        read(given)


def test_robots_may_be_at_the_services_hosts_unless_others_are_named() -> None:
    known = {"LINGQU_HOME": "/nowhere"}
    assert read(known).robot_hosts == ("qyapi.weixin.qq.com", "oapi.dingtalk.com")
    assert read({**known, "LINGQU_ROBOT_HOSTS": "wx.bureau.example:8443"}).robot_hosts == ("wx.bureau.example:8443",)


def test_scanner_and_seals_are_addresses_of_their_kinds() -> None:
    assert read({"LINGQU_SCANNER": "unix:///run/clamd.sock"}).scanner_fails == "closed"
    assert "secret" not in repr(read({"LINGQU_SEALS": "file:///seals", "LINGQU_SEALS_SECRET": "secret"}))
    for wrong in (
        {"LINGQU_SCANNER": "localhost:3310"}, {"LINGQU_SCANNER_FAILS": "maybe"}, {"LINGQU_SEALS": "/seals"},
    ):  # fmt: skip
        with pytest.raises(EnvironmentFault):
            read(wrong)
