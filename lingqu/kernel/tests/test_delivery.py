from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest
from django.db import transaction

from lingqu.kernel import delivery
from lingqu.kernel.delivery import backends, sending
from lingqu.kernel.errors import TooMany
from lingqu.kernel.home import set_up
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import HomeState, Message
from lingqu.kernel.testing import run_jobs, waiting_jobs

PHONE = "13800001234"


@pytest.fixture(autouse=True)
def home(settings, tmp_path, db):
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_DELIVERY = {}
    return tmp_path


def send(to: str = PHONE, channel: str = "sms", **other):
    return delivery.send(
        channel=channel, to=to, subject="验证码", body="您的验证码是 246810", kind="test.code", **other
    )


def test_a_message_leaves_by_the_file_backend_and_is_forgotten(home):
    message_id = send(subject_kind="account", subject_id=7)
    assert bytes(Message.objects.get().sealed).find(PHONE.encode()) == -1
    run_jobs()
    path = home / "messages" / "sms" / f"{message_id}.json"
    told = json.loads(path.read_text())
    assert (told["to"], told["body"]) == (PHONE, "您的验证码是 246810")
    assert path.stat().st_mode & 0o077 == 0
    message = delivery.find_message(message_id)
    assert (message.state, message.sealed, message.tries) == ("sent", None, 1)
    assert delivery.count_recent(subject_kind="account", subject_id=7, seconds=60) == 1


def test_nothing_leaves_for_a_writer_that_rolled_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        send()
        raise RuntimeError
    assert waiting_jobs() == []
    assert not Message.objects.exists()


def test_the_console_backend_prints(settings, capsys):
    settings.LINGQU_DELIVERY = {"email": "console"}
    send("a@b.example", "email")
    run_jobs()
    assert "--- email to a@b.example: 验证码" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("channel", "to"),
    [("sms", ""), ("sms", "12"), ("sms", "138-0000"), ("sms", "1380000\n1234"), ("email", "a"), ("email", "a@b, c@d"),
     ("email", "a@b\nBcc: c@d"), ("email", '"x"@y')],
)  # fmt: skip
def test_what_is_no_address_is_refused(channel, to):
    with pytest.raises(delivery.BadAddress):
        send(to, channel)
    assert not Message.objects.exists()


def test_a_destination_gets_its_share_and_others_theirs():
    send()
    with pytest.raises(TooMany):
        send()
    send("13800005678")
    assert Message.objects.count() == 2


def failing(letter: backends.Letter) -> None:
    raise ConnectionError(letter.to)


def refusing(letter: backends.Letter) -> None:
    raise backends.Undeliverable(letter.to)


def test_a_carrier_that_fails_is_tried_five_times(settings, caplog):
    settings.LINGQU_DELIVERY = {"sms": f"{__name__}.failing"}
    message_id = send()
    with caplog.at_level(logging.DEBUG):
        assert run_jobs() == ["kernel.carry"] * 5
    message = delivery.find_message(message_id)
    assert (message.state, message.error, message.sealed) == ("failed", "ConnectionError", None)
    assert PHONE not in caplog.text


def test_a_refused_message_is_not_tried_again(settings):
    settings.LINGQU_DELIVERY = {"sms": f"{__name__}.refusing"}
    message_id = send()
    assert run_jobs() == ["kernel.carry"]
    assert delivery.find_message(message_id).state == "failed"


def test_a_late_message_expires_unsent(home):
    message_id = send(valid_for=timedelta(seconds=-1))
    run_jobs()
    assert delivery.find_message(message_id).state == "expired"
    assert not (home / "messages").exists()


def test_a_second_run_sends_nothing(home):
    message_id = send()
    run_jobs()
    path = home / "messages" / "sms" / f"{message_id}.json"
    path.unlink()
    sending.carry(message_id=str(message_id))
    assert not path.exists()


def test_an_unknown_channel_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="channel"):
        send(channel="pigeon")


def test_a_demo_home_reaches_nobody_outside(settings, home):
    HomeState.objects.all().delete()
    set_up(kind="demo", node_code="001", version="test")
    settings.LINGQU_DELIVERY = {"sms": f"{__name__}.failing"}
    message_id = send()
    run_jobs()
    assert (home / "messages" / "sms" / f"{message_id}.json").is_file()


def test_what_was_withdrawn_never_leaves(home):
    kept, gone = send(subject_kind="person", subject_id=1), send("13800001235", subject_kind="person", subject_id=2)
    assert delivery.withdraw(subject_kind="person", subject_ids=[2, 3]) == 1
    run_jobs()
    assert delivery.states_of([kept, gone]) == {kept: "sent", gone: "expired"}
    assert not (home / "messages" / "sms" / f"{gone}.json").exists()
    assert delivery.find_message(gone).sealed is None


def test_many_mails_leave_as_one_does(home):
    mails = [delivery.Mail(to=to, subject="提醒", body=f"正文 {n}", subject_id=uuid7()) for n, to in enumerate(
        ("A@example.cn", "b@example.cn", "no address", "a@example.cn")
    )]  # fmt: skip
    made = delivery.send_mails(mails, kind="test.mails", subject_kind="person", valid_for=timedelta(hours=1))
    assert [one is not None for one in made] == [True, True, False, True]
    assert delivery.count_recent(subject_kind="person", subject_id=mails[1].subject_id, seconds=60) == 1
    assert run_jobs() == ["kernel.carry"] * 3
    assert set(delivery.states_of([one for one in made if one]).values()) == {"sent"}
    for _again in range(18):
        delivery.send_mails(mails[:1], kind="test.mails", subject_kind="person", valid_for=timedelta(hours=1))
    assert delivery.send_mails(mails[:2], kind="x", subject_kind="person", valid_for=timedelta(hours=1))[0] is not None
    full = delivery.send_mails(mails[:2], kind="x", subject_kind="person", valid_for=timedelta(hours=1))
    assert [one is not None for one in full] == [False, True]
