"""The front door: Caddy's configuration. It owns the only public port and keeps the two hosts apart.

Platform host: static files from disk, ``/live`` to the event server, everything else to the web server. Content host
(``CONTENT_ORIGIN``): only ``/content/…``, and never a cookie in either direction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lingqu.config.env import Env
from lingqu.config.places import PROJECT, Places

Route = dict[str, Any]
STATIC = PROJECT / "lingqu" / "ui" / "static"
HASHED_NAME = r"[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$"
LARGEST_UPLOAD = 2 * 1024**3
TECHNICAL = ["/healthz", "/readyz"]
DOORS = [
    "/sign-in", "/sign-in/again", "/class-code/pin", "/locked", "/activate", "/activate/guardian", "/me/password",
]  # fmt: skip
"""Where a password or PIN is sent: each costs a core for a while, and two are computed at once on the whole platform."""
AT_THE_DOOR, DOOR_SECONDS = 3, 60
PRIVATE = ["127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8"]


def _proxy(socket: Path, *, is_stream: bool = False) -> Route:
    proxy: Route = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"unix/{socket}"}],
        "transport": {"protocol": "http", "dial_timeout": "3s"},
        "load_balancing": {"try_duration": "2s", "try_interval": "100ms"},
        "headers": {"request": {"set": {"X-Forwarded-Host": ["{http.request.hostport}"]}}},
    }
    if is_stream:
        proxy["flush_interval"] = -1
    return proxy


def _waiting_room(web: Path) -> Route:
    """The morning's rush waits here, not in threads of the web server, which belong to those who are in already.

    Caddy counts requests by the written address of a server, so these go to the same socket under another spelling.
    """
    proxy = _proxy(web)
    proxy["upstreams"] = [{"dial": f"unix/{web.parent}/./{web.name}", "max_requests": AT_THE_DOOR}]
    proxy["load_balancing"] = {"try_duration": f"{DOOR_SECONDS}s", "try_interval": "50ms"}
    return {"match": [{"method": ["POST"], "path": DOORS}], "handle": [proxy], "terminal": True}


def _set_headers(**headers: str) -> Route:
    named = {name.replace("_", "-"): [value] for name, value in headers.items()}
    return {"handler": "headers", "response": {"set": named, "deferred": True}}


def _static_routes() -> list[Route]:
    far, near = "public, max-age=31536000, immutable", "public, max-age=300"
    safe = {"X_Content_Type_Options": "nosniff", "Cross_Origin_Resource_Policy": "same-site"}
    served: list[Route] = [
        {"handler": "rewrite", "strip_path_prefix": "/static"},
        {"handler": "file_server", "root": str(STATIC), "hide": [".*"], "precompressed": {"br": {}, "gzip": {}}},
    ]
    found: Route = {"path": ["/static/*"]}
    return [
        {
            "match": [{**found, "path_regexp": {"pattern": HASHED_NAME}}, {**found, "query": {"v": ["*"]}}],
            "handle": [_set_headers(Cache_Control=far, **safe), *served],
            "terminal": True,
        },
        {"match": [found], "handle": [_set_headers(Cache_Control=near, **safe), *served], "terminal": True},
    ]


def _content_routes(env: Env, web: Path) -> list[Route]:
    """Another host than the platform's, so that scripts in uploaded packages can reach nobody's session."""
    host = urlsplit(env.content_origin).hostname or ""
    if host == urlsplit(env.public_url).hostname:
        return []
    bare: Route = {
        "handler": "headers",
        "request": {"delete": ["Cookie", "Authorization"]},
        "response": {"delete": ["Set-Cookie"], "deferred": True},
    }
    away: Route = {
        "handler": "static_response",
        "status_code": 302,
        "headers": {"Location": [env.public_url + "{http.request.uri}"], "Cache-Control": ["no-store"]},
    }
    refused: Route = {"handler": "static_response", "status_code": 421}
    inner: list[Route] = [
        {"match": [{"path": ["/content/*", *TECHNICAL]}], "handle": [bare, _proxy(web)], "terminal": True},
        {
            "match": [{"path": ["/metrics"], "remote_ip": {"ranges": PRIVATE}}],
            "handle": [bare, _proxy(web)],
            "terminal": True,
        },
        {"match": [{"method": ["GET", "HEAD"]}], "handle": [away], "terminal": True},
        {"handle": [refused]},
    ]
    return [{"match": [{"host": [host]}], "handle": [{"handler": "subroute", "routes": inner}], "terminal": True}]


def _error_routes() -> list[Route]:
    """While the web server is down: a page that needs nothing but itself and the static files."""
    page = files("lingqu.config").joinpath("maintenance.html").read_text(encoding="utf-8")
    headers = {"Retry-After": ["5"], "Cache-Control": ["no-store"]}
    policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"
    as_page = {**headers, "Content-Type": ["text/html; charset=utf-8"], "Content-Security-Policy": [policy]}
    body = json.dumps({"code": "unavailable", "message": "The platform is starting or being upgraded.", "details": {}})
    answer: Route = {"handler": "static_response", "status_code": 503}
    down = "{http.error.status_code} in [502, 503, 504]"
    return [
        {
            "match": [{"expression": down, "path": ["/api/*", "/ims/*", "/xapi/*", *TECHNICAL]}],
            "handle": [{**answer, "headers": {**headers, "Content-Type": ["application/json"]}, "body": body}],
            "terminal": True,
        },
        {"match": [{"expression": down}], "handle": [{**answer, "headers": as_page, "body": page}], "terminal": True},
        {"handle": [{"handler": "static_response", "status_code": "{http.error.status_code}"}]},
    ]


def configuration(env: Env, places: Places, *, port: int, trusted_proxies: Sequence[str] = ()) -> Route:
    """Caddy's configuration as JSON values. No admin port, no stored configuration, no certificates of its own."""
    web, live = places.sockets / "web.sock", places.sockets / "live.sock"
    compress: Route = {
        "handler": "encode",
        "encodings": {"zstd": {}, "gzip": {}},
        "prefer": ["zstd", "gzip"],
        "minimum_length": 512,
    }
    hide: Route = {"handler": "headers", "response": {"delete": ["Server", "Via"], "deferred": True}}
    limit: Route = {"handler": "request_body", "max_size": LARGEST_UPLOAD}
    metrics_closed: Route = {
        "match": [{"path": ["/metrics"], "not": [{"remote_ip": {"ranges": PRIVATE}}]}],
        "handle": [{"handler": "static_response", "status_code": 404}],
        "terminal": True,
    }
    routes: list[Route] = [
        {"handle": [hide, limit]},
        {"match": [{"path": ["/live/*"]}], "handle": [_proxy(live, is_stream=True)], "terminal": True},
        {"handle": [compress]},
        *_static_routes(),
        *_content_routes(env, web),
        metrics_closed,
        _waiting_room(web),
        {"handle": [_proxy(web)]},
    ]
    server: Route = {
        "listen": [f"tcp/[{address}]:{port}" if ":" in address else f"tcp/{address}:{port}" for address in env.bind],
        "protocols": ["h1", "h2c"],
        "automatic_https": {"disable": True},
        "read_header_timeout": "15s",
        "idle_timeout": "2m",
        "routes": routes,
        "errors": {"routes": _error_routes()},
    }
    if trusted_proxies:
        server["trusted_proxies"] = {"source": "static", "ranges": list(trusted_proxies)}
        server["trusted_proxies_strict"] = 1
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(places.front)},
        "logging": {"logs": {"default": {"level": "WARN", "encoder": {"format": "json"}}}},
        "apps": {"http": {"servers": {"front": server}}},
    }


def write_configuration(env: Env, places: Places, *, port: int) -> Path:
    path = places.front / "caddy.json"
    chosen = configuration(env, places, port=port, trusted_proxies=env.trusted_proxies)
    path.write_text(json.dumps(chosen, indent=1), encoding="utf-8")
    return path
