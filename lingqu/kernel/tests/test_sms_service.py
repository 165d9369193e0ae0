"""The SMS service: its signature, what is tried again, what is stored."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st

from lingqu.kernel import delivery
from lingqu.kernel.delivery import aliyun, sending
from lingqu.kernel.home import set_up
from lingqu.kernel.models import Message
from lingqu.kernel.testing import waiting_jobs

from .sms_server import KEY_ID, SECRET, SmsService, running_service

PHONE = "13800001234"
TEMPLATE = delivery.Template(code="SMS_1", sign_name="云汀教育", params=(("code", "246810"),))


def test_the_signature_is_the_one_of_the_services_documentation() -> None:
    """The worked example of “V3 request structure and signature”: RunInstances, empty body, fixed time and nonce."""
    signed = aliyun.sign(
        host="ecs.cn-shanghai.aliyuncs.com", action="RunInstances", version="2014-05-26", key_id="YourAccessKeyId",
        parameters={"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"},
        secret="YourAccessKeySecret", at=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
        nonce="3156853299f313e23d1673dc12e1703d",
    )  # fmt: skip
    assert signed.headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@rules(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=30), max_size=5))
def test_any_parameters_verify_at_the_other_end(parameters: dict[str, str]) -> None:
    parameters = {k: v for k, v in parameters.items() if (k + v).isprintable()}
    signed = aliyun.sign(
        host="sms.example", action="SendSms", version="2017-05-25", parameters=parameters, key_id=KEY_ID,
        secret=SECRET, at=datetime(2026, 11, 28, tzinfo=UTC), nonce="n", content_type="text/plain",
    )  # fmt: skip
    headers = {name.lower(): value for name, value in signed.headers.items()}
    assert SmsService().fault_of(f"/?{signed.query}", headers, b"") == ""
    assert SmsService().fault_of(f"/?{signed.query}&x=1", headers, b"") == "SignatureDoesNotMatch"


@pytest.fixture
def service(settings: Any, tmp_path: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsService]:
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_DELIVERY = {"sms": "aliyun"}
    settings.LINGQU_SMS_KEY_ID, settings.LINGQU_SMS_SECRET = KEY_ID, SECRET
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1",)
    monkeypatch.setattr(sending, "admit", lambda planned: TEMPLATE if planned.needs_template else None)
    with running_service() as running:
        settings.LINGQU_SMS_ENDPOINT = running.url
        yield running


def send() -> Message:
    message_id = delivery.send(
        channel="sms", to=PHONE, subject="", body="验证码246810", kind="test.code", params={"code": "246810"}
    )
    return carried(Message.objects.get(id=message_id))


def carried(message: Message) -> Message:
    """The worker's turn."""
    sending.carry.run(message_id=str(message.id))
    message.refresh_from_db()
    return message


def test_a_message_is_taken_and_its_report_fetched(service: SmsService) -> None:
    message = send()
    assert (message.state, message.provider_id, message.report) == ("sent", "biz-1", "waiting")
    asked = service.asked[0]
    assert (asked["PhoneNumbers"], asked["SignName"], asked["TemplateCode"]) == (PHONE, "云汀教育", "SMS_1")
    assert json.loads(asked["TemplateParam"]) == {"code": "246810"}
    detail = {"PhoneNum": PHONE, "SendStatus": 1}
    service.answers = [
        {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail]}},
        {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail | {"SendStatus": 3}]}},
    ]
    assert (delivery.ask_reports(), delivery.ask_reports()) == (0, 1)
    message.refresh_from_db()
    assert (message.report, message.sealed, message.error) == ("delivered", None, "")
    assert service.actions == ["SendSms", "QuerySendDetails", "QuerySendDetails"]
    assert delivery.ask_reports() == 0


def test_a_carriers_refusal_is_kept_in_its_words(service: SmsService) -> None:
    message = send()
    detail = {"SendStatus": 2, "ErrCode": "MOBILE_NOT_ON_SERVICE"}
    service.answers = [{"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail]}}]
    assert delivery.ask_reports() == 1
    message.refresh_from_db()
    assert (message.report, message.error) == ("failed", "MOBILE_NOT_ON_SERVICE")


def test_nobody_asks_for_a_report_after_a_day(service: SmsService) -> None:
    message = send()
    Message.objects.filter(id=message.id).update(done_at=datetime.now(UTC) - timedelta(hours=25))
    assert delivery.ask_reports() == 1
    message.refresh_from_db()
    assert (message.report, message.sealed, len(service.asked)) == ("unknown", None, 1)


@pytest.mark.parametrize("code", ["isv.MOBILE_NUMBER_ILLEGAL", "isv.AMOUNT_NOT_ENOUGH", "something.new"])
def test_a_refusal_is_final_and_named(service: SmsService, code: str) -> None:
    service.answers = [{"Code": code, "Message": "no"}]
    message = send()
    assert (message.state, message.error, message.tries, message.sealed) == ("failed", code, 1, None)
    assert len(waiting_jobs()) == 1, "the first hand-over only"


def test_only_what_was_surely_not_taken_is_tried_again(service: SmsService, settings: Any) -> None:
    service.answers = [{"Code": "Throttling.User", "Message": "slow down"}]
    message = send()
    assert (message.state, message.error, len(waiting_jobs())) == ("queued", "Throttling.User", 2)
    assert (carried(message).state, message.tries) == ("sent", 2)


def test_a_lost_answer_is_not_sent_twice(service: SmsService) -> None:
    service.answers = [None]
    message = send()
    assert (message.state, message.error, len(waiting_jobs())) == ("failed", "outcome_unknown", 1)


def test_a_closed_door_is_tried_again(service: SmsService, settings: Any) -> None:
    settings.LINGQU_SMS_ENDPOINT = "http://127.0.0.1:9"
    message = send()
    assert (message.state, message.error) == ("queued", "unreachable")


def test_an_inner_address_without_leave_is_refused(service: SmsService, settings: Any) -> None:
    settings.LINGQU_OUTGOING_ALLOW = ()
    assert send().error == "address_refused"
    assert service.asked == []


def test_a_wrong_secret_is_told_by_the_service(service: SmsService, settings: Any) -> None:
    settings.LINGQU_SMS_SECRET = "other"
    assert send().error == "SignatureDoesNotMatch"


def test_secrets_and_phones_stay_out_of_logs_and_rows(service: SmsService, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.answers = [
        {"Code": "Throttling", "Message": PHONE},
        {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": PHONE},
    ]
    carried(send())
    lingqus = "".join(record.getMessage() for record in caplog.records if record.name.startswith("lingqu"))
    assert PHONE not in lingqus and SECRET not in lingqus
    assert PHONE not in str(list(Message.objects.values()))


def test_a_demo_home_writes_files_whatever_the_settings_say(service: SmsService) -> None:
    set_up(kind="demo", node_code="001", version="test")
    assert (send().state, service.asked) == ("sent", [])
