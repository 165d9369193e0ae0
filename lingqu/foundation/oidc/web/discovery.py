"""What clients read first: the provider's metadata and its public keys."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from authlib.oidc.discovery import OpenIDProviderMetadata
from django.http import HttpRequest, HttpResponse, JsonResponse

from lingqu.foundation.applications import api as applications

from ..services import keys
from ..services.authentication import ASSERTION_ALGS
from ..services.tokens import issuer
from ..types.words import Algorithm, GrantType
from .endpoints import endpoint

SECONDS = 3600
JWKS_SECONDS = 900
AUTH_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]


@endpoint("GET", "HEAD")
def configuration(request: HttpRequest) -> HttpResponse:
    return _kept(JsonResponse(metadata(issuer())), SECONDS)


@endpoint("GET", "HEAD")
def jwks(request: HttpRequest) -> HttpResponse:
    return _kept(JsonResponse(keys.ring().jwks), JWKS_SECONDS)


@lru_cache(maxsize=4)
def metadata(base: str) -> dict[str, Any]:
    """OpenID Discovery 3 and RFC 8414, checked by Authlib's validator."""
    proving = {
        f"{name}_endpoint_auth_{what}": values
        for name in ("token", "introspection", "revocation")
        for what, values in (("methods_supported", AUTH_METHODS), ("signing_alg_values_supported", ASSERTION_ALGS))
    }
    found = {
        "issuer": base,
        "authorization_endpoint": f"{base}/oidc/authorize",
        "token_endpoint": f"{base}/oidc/token",
        "userinfo_endpoint": f"{base}/oidc/userinfo",
        "jwks_uri": f"{base}/oidc/jwks",
        "introspection_endpoint": f"{base}/oidc/introspect",
        "revocation_endpoint": f"{base}/oidc/revoke",
        "end_session_endpoint": f"{base}/oidc/logout",
        "scopes_supported": list(applications.SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GrantType.values),
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256", *(one for one in Algorithm.values if one != "RS256")],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "ui_locales_supported": ["zh-CN", "en"],
        **proving,
    }
    if base.startswith("https://"):
        OpenIDProviderMetadata(found).validate()
    return found


def _kept(response: HttpResponse, seconds: int) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={seconds}"
    return response
