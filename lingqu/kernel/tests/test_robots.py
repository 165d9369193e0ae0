"""Robots of group chats: where they may be, the signature, what is tried again, what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lingqu.kernel import delivery
from lingqu.kernel.delivery import robots, sending
from lingqu.kernel.home import set_up
from lingqu.kernel.models import Message
from lingqu.kernel.testing import waiting_jobs

from .robot_server import KEY, SECRET, Groups, running_groups


@pytest.fixture
def groups(settings: Any, tmp_path: Any, db: None) -> Iterator[Groups]:
    settings.LINGQU_HOME, settings.LINGQU_DELIVERY = tmp_path, {"robot": "robot"}
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_groups() as running:
        settings.LINGQU_ROBOT_HOSTS = (running.url.removeprefix("http://"),)
        yield running


def send(kind: str, url: str, secret: str = "", body: str = "通知：寒潮") -> Message:
    made = delivery.send(channel="robot", to=f"{kind} {url}", subject="", body=body, kind="test.group", secret=secret)
    return carried(Message.objects.get(id=made))


def carried(message: Message) -> Message:
    sending.carry.run(message_id=str(message.id))
    message.refresh_from_db()
    return message


def test_both_services_take_a_text_and_nothing_of_it_stays(groups: Groups) -> None:
    made = [send("wecom", groups.wecom), send("dingtalk", groups.dingtalk, SECRET)]
    assert [(one.state, one.sealed, one.tries) for one in made] == [("sent", None, 1)] * 2
    assert groups.heard == [("wecom", "通知：寒潮"), ("dingtalk", "通知：寒潮")]


def test_what_waits_is_sealed(groups: Groups) -> None:
    made = delivery.send(channel="robot", to=f"wecom {groups.wecom}", subject="", body="x", kind="t", secret=SECRET)
    held = bytes(Message.objects.get(id=made).sealed or b"")
    assert KEY.encode() not in held and SECRET.encode() not in held


def test_a_wrong_signature_is_refused_in_words(groups: Groups) -> None:
    for secret in ("", "SEC-other"):
        message = send("dingtalk", groups.dingtalk, secret)
        assert (message.state, message.error) == ("failed", "dingtalk.310000")
    assert "加签" in str(delivery.WORDS["dingtalk.310000"])


@pytest.mark.parametrize(
    ("answer", "state", "error", "tries"),
    [
        ({"errcode": 93000, "errmsg": "x"}, "failed", "wecom.93000", 1), ({"errcode": -1}, "queued", "wecom.-1", 1),
        ({"errcode": 45009}, "queued", "wecom.45009", 0), ((429, {}), "queued", "wecom.429", 0),
        ((503, b"busy"), "queued", "http_503", 1), ((200, b"<html>"), "failed", "robot.outcome_unknown", 1),
        ((200, b"[]"), "failed", "robot.outcome_unknown", 1), (None, "failed", "robot.outcome_unknown", 1),
    ],
)  # fmt: skip
def test_only_what_was_surely_not_taken_is_tried_again(
    groups: Groups, answer: Any, state: str, error: str, tries: int
) -> None:
    groups.answers = [answer]
    message = send("wecom", groups.wecom)
    assert (message.state, message.error, message.tries) == (state, error, tries)
    if state == "queued":
        assert len(waiting_jobs()) == 2 and carried(message).state == "sent"


def test_no_more_than_the_services_take_in_a_minute(groups: Groups) -> None:
    made = [send("wecom", groups.wecom) for _one in range(robots.PER_MINUTE + 3)]
    assert len(groups.heard) == robots.PER_MINUTE and send("dingtalk", groups.dingtalk, SECRET).state == "sent"
    assert [(one.state, one.error, one.tries) for one in made[robots.PER_MINUTE :]] == [("queued", "paced", 0)] * 3


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/robot/send?access_token=1", "https://127.0.0.1/robot/send?access_token=1",
        "http://{host}/robot/other?access_token=1", "http://{host}/robot/send", "http://{host}/robot/send?key=1",
        "http://{host}/robot/send?access_token=1&access_token=2&x=3", "http://a@{host}/robot/send?access_token=1",
        "http://{host}/robot/send?access_token=1#x", "file:///etc/passwd", "x",
    ],
)  # fmt: skip
def test_addresses_that_are_no_robots_are_never_asked(groups: Groups, settings: Any, url: str) -> None:
    url = url.replace("{host}", settings.LINGQU_ROBOT_HOSTS[0])
    with pytest.raises(robots.Invalid):
        delivery.check_robot("dingtalk", url)
    if url.startswith("http"):
        message = send("dingtalk", url)
        assert (message.state, message.error) == ("failed", "robot.address_refused")
    assert groups.heard == []


def test_an_allowed_host_that_leads_inside_is_refused(groups: Groups, settings: Any) -> None:
    """The name may be right and the address it stands for not: the guard of ``outgoing`` decides when it leaves."""
    settings.LINGQU_OUTGOING_ALLOW, settings.LINGQU_ROBOT_HOSTS = (), ("localhost",)
    message = send("wecom", f"https://localhost/cgi-bin/webhook/send?key={KEY}")
    assert (message.state, message.error) == ("failed", "robot.address_refused")


def test_a_demo_writes_a_file_and_asks_nobody(groups: Groups, tmp_path: Any) -> None:
    set_up(kind="demo", node_code="001", version="test")
    assert send("wecom", groups.wecom).state == "sent" and groups.heard == []
    (path,) = tmp_path.glob("messages/robot/*.json")
    assert KEY not in path.read_text()
