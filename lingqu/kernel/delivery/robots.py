"""Group robots of WeCom (企业微信) and DingTalk (钉钉): a text to one group by its webhook.

The address carries the key of the group, so it is a secret; it may only lead to ``LINGQU_ROBOT_HOSTS`` and leaves through
``kernel.outgoing``. Both services take twenty messages a minute from a robot; what is beyond waits here.
"""

from __future__ import annotations

import base64
import hmac
import json
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import limits, outgoing
from ..clock import now
from ..errors import Invalid, TooMany
from .letters import Later, Letter, TryAgain, Undeliverable

WECOM, DINGTALK = "wecom", "dingtalk"
PLACES = {WECOM: ("/cgi-bin/webhook/send", "key"), DINGTALK: ("/robot/send", "access_token")}
"""Path of the webhook, and the parameter that names the group."""
PER_MINUTE, PAUSE = 18, 60
"""Two less than the services allow, for people who test beside us."""
MOST_BYTES = 2000
TIMEOUT = 8.0
BUSY = {"wecom.-1", "dingtalk.-1"}
TOO_FAST = {"wecom.45009", "dingtalk.130101", "dingtalk.410100", "dingtalk.90030"}
UNKNOWN, REFUSED_HERE = "robot.outcome_unknown", "robot.address_refused"
WORDS = {
    "wecom.93000": gettext_lazy("企业微信不认识这个地址，机器人可能已从群里移除"),
    "wecom.93008": gettext_lazy("企业微信不允许从本平台的网络发送，请核对机器人的 IP 白名单"),
    "wecom.45009": gettext_lazy("发得太快，企业微信暂不再收"),
    "wecom.45002": gettext_lazy("内容超过企业微信的长度"),
    "dingtalk.310000": gettext_lazy("钉钉的安全设置不通过：请用“加签”，并核对密钥"),
    "dingtalk.300001": gettext_lazy("钉钉不认识这个地址"),
    "dingtalk.400101": gettext_lazy("钉钉不认识这个地址"),
    "dingtalk.400102": gettext_lazy("这个机器人在钉钉里已停用"),
    "dingtalk.400106": gettext_lazy("这个机器人在钉钉里已删除"),
    "dingtalk.400013": gettext_lazy("这个钉钉群已经解散"),
    "dingtalk.430101": gettext_lazy("钉钉认为内容里有不安全的链接"),
    "dingtalk.430102": gettext_lazy("钉钉认为内容里有不合适的文字"),
    "dingtalk.430104": gettext_lazy("钉钉认为内容不合适"),
    UNKNOWN: gettext_lazy("发出后没有得到答复，不知道是否送出，没有再发"),
    REFUSED_HERE: gettext_lazy("这个地址不允许访问"),
}
"""Answer codes of the services in words; others are shown as they are."""


class BadRobot(Invalid):
    """The address is no webhook of the service."""

    code = "bad_robot_address"


def check_robot(kind: str, url: str) -> None:
    """Refuse an address that is no webhook of the service at one of the allowed hosts. Raises :class:`BadRobot` and what
    ``outgoing`` says of addresses."""
    outgoing.check_address(url)
    parts = urlsplit(url)
    path, name = PLACES[kind]
    if parts.netloc.lower() not in settings.LINGQU_ROBOT_HOSTS:
        raise BadRobot(_("地址要在这些主机上：%(hosts)s。") % {"hosts": " ".join(settings.LINGQU_ROBOT_HOSTS)})
    if parts.path != path or [*parse_qs(parts.query)] != [name]:
        raise BadRobot(_("这不是群机器人的地址，请从群设置里原样复制。"))


def signed(url: str, secret: str, milliseconds: int) -> str:
    """The address with time and signature, as DingTalk's 加签 asks."""
    mac = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), sha256).digest()
    return f"{url}&timestamp={milliseconds}&sign={quote(base64.b64encode(mac), safe='')}"


def send_by_robot(letter: Letter) -> None:
    """Hand one text over. ``letter.to`` is the service and the address, ``letter.secret`` the key of signatures."""
    kind, _space, url = letter.to.partition(" ")
    try:
        check_robot(kind, url)
    except Invalid as refusal:
        raise Undeliverable(code=REFUSED_HERE) from refusal
    try:
        limits.hit(f"delivery:robot:{url}", PER_MINUTE, PAUSE)
    except TooMany as refusal:
        raise Later(code="paced", seconds=float(refusal.details.get("retry_after", PAUSE))) from refusal
    address = signed(url, letter.secret, int(now().timestamp() * 1000)) if letter.secret else url
    text = letter.body.encode()[:MOST_BYTES].decode(errors="ignore")
    _judge(kind, _asked(address, {"msgtype": "text", "text": {"content": text}}))


def _asked(url: str, words: dict[str, Any]) -> outgoing.Answer:
    try:
        return outgoing.post(
            url, body=json.dumps(words, ensure_ascii=False).encode(), content_type="application/json", timeout=TIMEOUT
        )
    except outgoing.OutgoingRefused as refusal:
        raise Undeliverable(code=REFUSED_HERE) from refusal
    except outgoing.OutgoingFailed as failure:
        if isinstance(failure.__cause__, (httpx.ConnectError, httpx.ConnectTimeout, OSError)):
            raise TryAgain(code="unreachable") from failure
        raise Undeliverable(code=UNKNOWN) from failure


def _judge(kind: str, answer: outgoing.Answer) -> None:
    if answer.status == 429:
        raise Later(code=f"{kind}.429", seconds=PAUSE)
    if answer.status >= 500:
        raise TryAgain(code=f"http_{answer.status}")
    try:
        told = json.loads(answer.body)
    except ValueError as error:
        raise Undeliverable(code=UNKNOWN) from error
    if not isinstance(told, dict) or "errcode" not in told:
        raise Undeliverable(code=UNKNOWN)
    code = f"{kind}.{told['errcode']}"[:60]
    if code.endswith(".0"):
        return
    if code in TOO_FAST:
        raise Later(code=code, seconds=PAUSE)
    if code in BUSY:
        raise TryAgain(code=code)
    raise Undeliverable(code=code)
