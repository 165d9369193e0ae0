"""WeCom, DingTalk and WeChat: sign-in inside their applications. They know their own ids only, so people bind theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..types import Arrived, Distrusted, Trip
from .asking import get_json, post_json, text_of
from .base import Options


def _address(options: Options, name: str, usual: str) -> str:
    return str(options.get(name) or usual).rstrip("/")


def _ok(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """WeChat and WeCom answer 200 with an ``errcode``."""
    if answer.get("errcode") not in (None, 0):
        raise Distrusted(f"refused with {answer.get('errcode')}")
    return answer


def _code(trip: Trip | None, given: Mapping[str, str], name: str = "code") -> str:
    if trip is None or not given.get(name):
        raise Distrusted("no code")
    return given[name]


class Wecom:
    """企业微信网页授权: members of the corporation; parents of its school contacts by their own ids."""

    needs, is_asked = ("corpid", "agentid"), True

    def begin(self, options: Options, trip: Trip) -> str:
        query = {
            "appid": options["corpid"], "redirect_uri": trip.back_url, "response_type": "code", "scope": "snsapi_base",
            "state": trip.state, "agentid": options["agentid"],
        }  # fmt: skip
        door = _address(options, "authorize_url", "https://open.weixin.qq.com/connect/oauth2/authorize")
        return f"{door}?{urlencode(query)}#wechat_redirect"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        code = _code(trip, given)
        base = _address(options, "api_url", "https://qyapi.weixin.qq.com")
        token = text_of(
            _ok(get_json(f"{base}/cgi-bin/gettoken", {"corpid": options["corpid"], "corpsecret": secret})),
            "access_token",
        )
        told = _ok(get_json(f"{base}/cgi-bin/auth/getuserinfo", {"access_token": token, "code": code}))
        for name in ("userid", "UserId", "parent_userid", "external_userid"):
            if told.get(name):
                return Arrived(subject=f"{name.lower()}:{text_of(told, name)}")
        raise Distrusted("not a member of the corporation")


class Dingtalk:
    """钉钉: 登录第三方网站, the union id within the organisation's own application."""

    needs, is_asked = ("client_id",), True

    def begin(self, options: Options, trip: Trip) -> str:
        query = {
            "redirect_uri": trip.back_url, "response_type": "code", "client_id": options["client_id"], "scope": "openid",
            "state": trip.state, "prompt": "consent",
        }  # fmt: skip
        return f"{_address(options, 'authorize_url', 'https://login.dingtalk.com/oauth2/auth')}?{urlencode(query)}"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        code = _code(trip, given, "authCode" if given.get("authCode") else "code")
        base = _address(options, "api_url", "https://api.dingtalk.com")
        asked = {
            "clientId": options["client_id"],
            "clientSecret": secret,
            "code": code,
            "grantType": "authorization_code",
        }
        token = text_of(post_json(f"{base}/v1.0/oauth2/userAccessToken", asked), "accessToken")
        told = get_json(f"{base}/v1.0/contact/users/me", headers={"x-acs-dingtalk-access-token": token})
        return Arrived(subject=text_of(told, "unionId"), name=str(told.get("nick", "")))


class Wechat:
    """微信公众号网页授权; the union id where the account belongs to an open platform, else the open id."""

    needs, is_asked = ("appid",), True

    def begin(self, options: Options, trip: Trip) -> str:
        query = {
            "appid": options["appid"], "redirect_uri": trip.back_url, "response_type": "code", "scope": "snsapi_base",
            "state": trip.state,
        }  # fmt: skip
        door = _address(options, "authorize_url", "https://open.weixin.qq.com/connect/oauth2/authorize")
        return f"{door}?{urlencode(query)}#wechat_redirect"

    def finish(self, options: Options, secret: str, trip: Trip | None, given: Mapping[str, str]) -> Arrived:
        base = _address(options, "api_url", "https://api.weixin.qq.com")
        asked = {
            "appid": options["appid"], "secret": secret, "code": _code(trip, given), "grant_type": "authorization_code",
        }  # fmt: skip
        told = _ok(get_json(f"{base}/sns/oauth2/access_token", asked))
        if told.get("unionid"):
            return Arrived(subject=f"unionid:{text_of(told, 'unionid')}")
        return Arrived(subject=f"openid:{text_of(told, 'openid')}")
