"""Requests to addresses that others supplied: logout notices, key sets, registrations. The only way out to them.

Guarded against requests to ourselves (SSRF): https only; the name is resolved once, every address it has must be public,
and the connection goes to the address that was looked at, whatever the name says a moment later; redirects are not
followed; time and size are limited; no proxy or credential of the environment is used. ``LINGQU_OUTGOING_ALLOW`` names
hosts (``host`` or ``host:port``) and address ranges of the bureau's own network that may be reached too, also by http.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from .errors import Invalid, Unavailable

TIMEOUT = 5.0
MOST_BYTES = 64 * 1024
LONGEST_URL = 2000
AGENT = "Lingqu"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingRefused(Invalid):
    """The address may not be asked from here; nothing was sent."""

    code = "outgoing_refused"


class OutgoingFailed(Unavailable):
    """Nobody answered in time, or with more than was allowed."""

    code = "outgoing_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whatever its status. ``body`` is whole: a longer one is an error."""

    status: int
    content_type: str
    body: bytes

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect to, and what it is called."""

    scheme: str
    host: str
    port: int
    address: str
    rest: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        address = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{address}:{self.port}{self.rest}"


def post(
    url: str, *, body: bytes, content_type: str, timeout: float = TIMEOUT, most_bytes: int = MOST_BYTES,
    headers: Mapping[str, str] | None = None,
) -> Answer:  # fmt: skip
    """Send ``body``. Raises :class:`OutgoingRefused` or :class:`OutgoingFailed`; any status is an answer."""
    return _ask("POST", url, body, {"Content-Type": content_type, **(headers or {})}, timeout, most_bytes)


def get(
    url: str, *, timeout: float = TIMEOUT, most_bytes: int = MOST_BYTES, headers: Mapping[str, str] | None = None
) -> Answer:
    """Read an address. Raises :class:`OutgoingRefused` or :class:`OutgoingFailed`; any status is an answer."""
    return _ask("GET", url, None, dict(headers or {}), timeout, most_bytes)


def check_address(url: str) -> None:
    """Refuse what could never be asked, without resolving the name: for forms in which somebody types an address."""
    _parts(url)


def find_target(url: str) -> Target:
    """Resolve and judge an address; every address of the name must be one that may be reached."""
    scheme, host, port, rest = _parts(url)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutgoingFailed(_("找不到主机 %(host)s。") % {"host": host}) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not _is_named(host, port):
        for text in addresses:
            if not _may_reach(ipaddress.ip_address(text.partition("%")[0]), scheme):
                raise OutgoingRefused(_("主机 %(host)s 不在可以访问的网络里。") % {"host": host})
    return Target(scheme, host, port, addresses[0], rest)


def _parts(url: str) -> tuple[str, str, int, str]:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise OutgoingRefused(_("这不是一个完整的网址。")) from error
    plain = url.isascii() and not any(character.isspace() or ord(character) < 32 for character in url)
    if len(url) > LONGEST_URL or not plain or not host or parts.scheme not in ("https", "http"):
        raise OutgoingRefused(_("这不是一个完整的网址。"))
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise OutgoingRefused(_("网址里不能有用户名、密码或“#”。"))
    port = port or _default_port(parts.scheme)
    if parts.scheme == "http" and not (_is_named(host, port) or _is_allowed_literal(host)):
        raise OutgoingRefused(_("网址要以 https:// 开头。"))
    return parts.scheme, host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _allowed() -> tuple[frozenset[str], tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]]:
    """Names and networks that the operator allowed."""
    names, networks = set(), []
    for entry in settings.LINGQU_OUTGOING_ALLOW:
        try:
            networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            names.add(entry.lower())
    return frozenset(names), tuple(networks)


def _is_named(host: str, port: int) -> bool:
    names, _networks = _allowed()
    return host.lower() in names or f"{host.lower()}:{port}" in names


def _is_in_allowed_network(address: Address) -> bool:
    return any(address.version == network.version and address in network for network in _allowed()[1])


def _is_allowed_literal(host: str) -> bool:
    try:
        return _is_in_allowed_network(ipaddress.ip_address(host))
    except ValueError:
        return False


def _may_reach(address: Address, scheme: str) -> bool:
    """Public addresses by https; addresses inside IPv6 forms count as what they stand for."""
    if _is_in_allowed_network(address):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return _may_reach(inner, scheme)
        if address in ipaddress.ip_network("64:ff9b::/96"):
            return _may_reach(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), scheme)
    return scheme == "https" and address.is_global and not address.is_multicast and not address.is_reserved


@cache
def _context() -> ssl.SSLContext:
    """Trust of the machine, loaded once."""
    return ssl.create_default_context()


def _ask(method: str, url: str, body: bytes | None, headers: dict[str, str], timeout: float, most_bytes: int) -> Answer:
    started = time.monotonic()
    target = find_target(url)
    sent = {"User-Agent": AGENT, "Accept-Encoding": "identity", **headers, "Host": target.authority}
    extensions = {"sni_hostname": target.host} if target.scheme == "https" else {}
    try:
        with (
            httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False, verify=_context()) as client,
            client.stream(method, target.url, content=body, headers=sent, extensions=extensions) as response,
        ):
            read = bytearray()
            for part in response.iter_raw():
                read += part
                if len(read) > most_bytes:
                    raise OutgoingFailed(_("对方的回答太长。"))
                if time.monotonic() - started > timeout:
                    raise OutgoingFailed(_("对方没有在规定时间内答完。"))
            return Answer(
                status=response.status_code, content_type=response.headers.get("Content-Type", ""), body=bytes(read)
            )
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise OutgoingFailed(_("连接 %(host)s 没有成功。") % {"host": target.host}) from error
