"""SMS through Alibaba Cloud (Dysmsapi 2017-05-25), signed by ACS3-HMAC-SHA256 (“V3”). Templates only, never free text.

A message is tried again only where the service says that it did not take it, or nobody was reached; when the answer got
lost it counts as failed, for a second one would cost money and confuse.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .. import outgoing
from ..clock import ZONE, now
from .letters import Letter, TryAgain, Undeliverable

VERSION = "2017-05-25"
ALGORITHM = "ACS3-HMAC-SHA256"
TIMEOUT = 8.0
FORM = "application/x-www-form-urlencoded"
TEMPORARY = ("Throttling", "isp.SYSTEM_ERROR", "ServiceUnavailable", "isv.SYSTEM_ERROR")
"""Beginnings of codes by which the service says: not taken now, come again."""
UNKNOWN, REFUSED_HERE = "outcome_unknown", "address_refused"
WORDS = {
    "isv.BUSINESS_LIMIT_CONTROL": _("这个号码收得太频繁，短信平台暂不再发"),
    "isv.DAY_LIMIT_CONTROL": _("到了短信平台设置的日发送上限"),
    "isv.MONTH_LIMIT_CONTROL": _("到了短信平台设置的月发送上限"),
    "isv.MOBILE_NUMBER_ILLEGAL": _("号码不存在或格式不对"),
    "isv.MOBILE_COUNT_OVER_LIMIT": _("一次发送的号码太多"),
    "isv.SMS_TEMPLATE_ILLEGAL": _("短信平台没有这个模板，或模板没有通过审核"),
    "isv.SMS_SIGNATURE_ILLEGAL": _("短信平台没有这个签名，或签名没有通过审核"),
    "isv.SMS_SIGN_ILLEGAL": _("这个签名被短信平台禁用"),
    "isv.SMS_SIGNATURE_SCENE_ILLEGAL": _("签名和模板的类型不一致"),
    "isv.TEMPLATE_MISSING_PARAMETERS": _("模板变量没有填全，请核对变量名"),
    "isv.TEMPLATE_PARAMS_ILLEGAL": _("变量的内容不符合模板的要求"),
    "isv.INVALID_PARAMETERS": _("参数格式不对"),
    "isv.PARAM_LENGTH_LIMIT": _("变量内容超过规定长度"),
    "isv.BLACK_KEY_CONTROL_LIMIT": _("变量里有短信平台禁止的词或网址"),
    "isv.SMS_CONTENT_ILLEGAL": _("短信内容含有禁止发送的文字"),
    "isv.AMOUNT_NOT_ENOUGH": _("短信平台的账户余额不足"),
    "isv.OUT_OF_SERVICE": _("短信平台的账户因欠费停用"),
    "isv.ACCOUNT_ABNORMAL": _("短信平台的账户异常"),
    "isv.ACCOUNT_NOT_EXISTS": _("短信平台没有这个账户，请核对密钥"),
    "isv.PRODUCT_UN_SUBSCRIPT": _("短信平台的账户没有开通短信服务"),
    "isp.RAM_PERMISSION_DENY": _("这对密钥没有发短信的权限"),
    "isv.DENY_IP_RANGE": _("服务器所在地区不允许发短信"),
    "InvalidAccessKeyId.NotFound": _("短信平台不认识这个密钥编号"),
    "SignatureDoesNotMatch": _("签名不对，请核对密钥"),
    "SignatureNonceUsed": _("请求被当作重复的请求拒绝"),
    UNKNOWN: _("发出后没有得到答复，不知道是否送出，没有再发"),
    REFUSED_HERE: _("短信平台的地址不允许访问，请核对设置"),
    "no_template": _("没有已报备的模板"),
}
"""Error codes of the service and of this file in words; others are shown as they are."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Query string and headers of one signed request."""

    query: str
    headers: dict[str, str]


def send_by_aliyun(letter: Letter) -> str:
    """Hand one message over; returns the service's id of it (BizId)."""
    if letter.template is None:
        raise Undeliverable(code="no_template")
    told = _ask(
        "SendSms",
        {
            "PhoneNumbers": letter.to, "SignName": letter.template.sign_name, "TemplateCode": letter.template.code,
            "TemplateParam": json.dumps(dict(letter.template.params), ensure_ascii=False, separators=(",", ":")),
            "OutId": str(letter.id),
        },
    )  # fmt: skip
    return str(told.get("BizId", ""))


def ask_report(*, to: str, provider_id: str, sent_at: datetime) -> tuple[str, str]:
    """What became of a message: ``waiting``, ``delivered`` or ``failed``, with the carrier's code when it failed."""
    told = _ask(
        "QuerySendDetails",
        {
            "PhoneNumber": to, "BizId": provider_id, "SendDate": sent_at.astimezone(ZONE).strftime("%Y%m%d"),
            "PageSize": "10", "CurrentPage": "1",
        },
    )  # fmt: skip
    details = (told.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
    found: Mapping[str, Any] = details[0] if details else {}
    state = {3: "delivered", 2: "failed"}.get(int(found.get("SendStatus") or 1), "waiting")
    return state, str(found.get("ErrCode", "")) if state == "failed" else ""


def sign(
    *, host: str, action: str, version: str, parameters: Mapping[str, str], key_id: str, secret: str, at: datetime,
    nonce: str, body: bytes = b"", content_type: str = "",
) -> Signed:  # fmt: skip
    """Sign a request to ``/`` of ``host`` by POST, as the service's “V3” signature says."""
    digest = sha256(body).hexdigest()
    headers = {
        "host": host, "x-acs-action": action, "x-acs-content-sha256": digest,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }  # fmt: skip
    if content_type:
        headers["content-type"] = content_type
    query = "&".join(f"{_escape(name)}={_escape(parameters[name])}" for name in sorted(parameters))
    names = sorted(headers)
    lines = ["POST", "/", query, *(f"{name}:{headers[name]}" for name in names), "", ";".join(names), digest]
    hashed = sha256("\n".join(lines).encode()).hexdigest()
    signature = hmac.new(secret.encode(), f"{ALGORITHM}\n{hashed}".encode(), sha256).hexdigest()
    headers["Authorization"] = f"{ALGORITHM} Credential={key_id},SignedHeaders={';'.join(names)},Signature={signature}"
    return Signed(query, headers)


def _escape(text: str) -> str:
    return quote(text, safe="-_.~")


def _ask(action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """One signed call. Raises :class:`TryAgain` when it was surely not taken, :class:`Undeliverable` otherwise."""
    endpoint = settings.LINGQU_SMS_ENDPOINT.rstrip("/")
    signed = sign(
        host=urlsplit(endpoint).netloc, action=action, version=VERSION, parameters=parameters,
        key_id=settings.LINGQU_SMS_KEY_ID, secret=settings.LINGQU_SMS_SECRET, at=now(), nonce=secrets.token_hex(16),
        content_type=FORM,
    )  # fmt: skip
    sent = {name: value for name, value in signed.headers.items() if name not in ("host", "content-type")}
    try:
        answer = outgoing.post(
            f"{endpoint}/?{signed.query}", body=b"", content_type=FORM, timeout=TIMEOUT, headers=sent
        )
    except outgoing.OutgoingRefused as refusal:
        raise Undeliverable(code=REFUSED_HERE) from refusal
    except outgoing.OutgoingFailed as failure:
        if isinstance(failure.__cause__, (httpx.ConnectError, httpx.ConnectTimeout, OSError)):
            raise TryAgain(code="unreachable") from failure
        raise Undeliverable(code=UNKNOWN) from failure
    try:
        told = json.loads(answer.body)
    except ValueError as error:
        raise Undeliverable(code=UNKNOWN) from error
    code = str(told.get("Code", "")) if isinstance(told, dict) else ""
    if not code:
        raise Undeliverable(code=UNKNOWN)
    if code == "OK":
        return dict(told)
    if code.startswith(TEMPORARY):
        raise TryAgain(code=code)
    raise Undeliverable(code=code)
