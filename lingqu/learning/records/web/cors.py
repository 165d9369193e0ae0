"""Pages of other origins may call the interface: they show a credential, never a cookie (Fetch standard, CORS protocol)."""

from __future__ import annotations

from django.http import HttpResponse

SENT = (
    "Authorization, Content-Type, If-Match, If-None-Match, X-Experience-API-Version, Accept-Language, X-Requested-With"
)
SHOWN = (
    "ETag, Last-Modified, Content-Type, WWW-Authenticate, X-Experience-API-Version, X-Experience-API-Consistent-Through"
)


def allow_origins(answer: HttpResponse) -> HttpResponse:
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Expose-Headers"] = SHOWN
    return answer


def preflight() -> HttpResponse:
    """The answer to OPTIONS; it needs no credential, because browsers send none."""
    answer = allow_origins(HttpResponse(status=204))
    answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD, PUT, POST, DELETE"
    answer.headers["Access-Control-Allow-Headers"] = SENT
    answer.headers["Access-Control-Max-Age"] = "7200"
    return answer
