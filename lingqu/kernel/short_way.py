"""The short way of addresses that only programs ask, often: behind the security headers at once to the view.

No session, language, form token, actor or message is made for them. What stays is what stands before this middleware
(request id, figures, security headers), the check of the host, and the one shape of refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch, URLResolver, get_resolver, resolve
from django.utils import translation

from .answers import domain_error_of, error_response

View = Callable[..., HttpResponse]


def short_way(view: View) -> View:
    """Declare a view without parameters that looks at nothing but the request itself."""
    view.lingqu_short_way = True  # type: ignore[attr-defined]
    return view


class ShortWay:
    """Takes requests for declared views out of the long chain."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._found: dict[str, ResolverMatch] | None = None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._found is None:
            self._found = {address: resolve(address) for address in _addresses(get_resolver().url_patterns)}
        match = self._found.get(request.path_info)
        return self.get_response(request) if match is None else _answer(request, match)


def _answer(request: HttpRequest, match: ResolverMatch) -> HttpResponse:
    request.get_host()
    request.resolver_match = match
    translation.activate(settings.LANGUAGE_CODE)
    try:
        response: HttpResponse = match.func(request)
    except Exception as error:
        refusal = domain_error_of(error)
        if refusal is None:
            raise
        response = error_response(request, refusal)
    response.headers.setdefault("Content-Length", str(len(response.content)))
    return response


def _addresses(patterns: list[Any], before: str = "/") -> Iterator[str]:
    for one in patterns:
        address = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _addresses(one.url_patterns, address)
        elif hasattr(one.callback, "lingqu_short_way"):
            yield address
