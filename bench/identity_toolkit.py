"""django-oauth-toolkit as a whole site, for ``bench/identity.py``: settings, addresses and WSGI in one file."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from django.conf import settings

_PARTS = urlsplit(os.environ["BENCH_DATABASE"])
_QUERY = dict(part.split("=", 1) for part in _PARTS.query.split("&") if "=" in part)
settings.configure(
    SECRET_KEY="bench", ROOT_URLCONF=__name__, USE_TZ=True, ALLOWED_HOSTS=["*"], DEBUG=False,
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql", "NAME": _PARTS.path.lstrip("/"), "USER": _PARTS.username or "",
            "PASSWORD": _PARTS.password or "", "HOST": _QUERY.get("host", _PARTS.hostname or "").replace("%2F", "/"),
            "PORT": str(_PARTS.port or _QUERY.get("port", "")),
            "OPTIONS": {"pool": {"min_size": 1, "max_size": 8}},
        }
    },
    # A generated secret of 256 bits needs no slow hash: the fastest one that Django has, so that the rest is compared.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True, "OIDC_RSA_PRIVATE_KEY": os.environ["BENCH_RSA_KEY"], "PKCE_REQUIRED": True,
        "SCOPES": {"openid": "openid", "profile": "profile"}, "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
    },
)  # fmt: skip
import django  # noqa: E402

django.setup()
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.urls import include, path  # noqa: E402

urlpatterns = [path("o/", include("oauth2_provider.urls", namespace="oauth2_provider"))]
application = get_wsgi_application()


def fill(client_id: str, secret: str, callback: str) -> str:
    """Tables, two clients and a person; the key of a session that is signed in."""
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    user = User.objects.create_user("person", password="x")
    for name, kind in ((client_id, "authorization-code"), (client_id + "-own", "client-credentials")):
        Application.objects.create(
            client_id=name, client_secret=secret, client_type="confidential", authorization_grant_type=kind,
            redirect_uris=callback, algorithm="RS256", skip_authorization=True, user=user,
        )  # fmt: skip
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


if __name__ == "__main__":
    import sys

    print(fill(*sys.argv[1:]))
