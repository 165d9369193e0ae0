"""The WSGI application that Granian serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from lingqu.config.env import use_settings

Start = Callable[..., Any]


class BehindTheFront:
    """Takes the visitor's address and scheme from the front door, the only one who can reach our socket."""

    def __init__(self, application: Callable[[dict[str, Any], Start], Iterable[bytes]]) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
        environ["REMOTE_ADDR"] = forwarded.rpartition(",")[2].strip() or "127.0.0.1"
        if scheme := environ.get("HTTP_X_FORWARDED_PROTO"):
            environ["wsgi.url_scheme"] = "https" if scheme == "https" else "http"
        return self.application(environ, start_response)


use_settings()
application = BehindTheFront(get_wsgi_application())
