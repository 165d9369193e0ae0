"""Everything; ``dev``, ``test`` and ``production`` only differ from it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from lingqu.config.env import env, set_variable
from lingqu.config.logs import logging_config
from lingqu.config.postgres.addresses import url_of

set_variable("PYPINYIN_NO_PHRASES", "1")
"""Names are read character by character; 47,000 phrases would cost every process a quarter of a second."""
BASE_DIR = Path(__file__).resolve().parents[3]
ENV = env()

LINGQU_MODULES = [
    "lingqu.kernel",
    "lingqu.ui",
    "lingqu.foundation.registry",
    "lingqu.foundation.timetable",
    "lingqu.foundation.identity",
    "lingqu.foundation.upstream",
    "lingqu.foundation.applications",
    "lingqu.foundation.oidc",
    "lingqu.foundation.cas",
    "lingqu.foundation.saml",
    "lingqu.foundation.lti",
    "lingqu.foundation.yearly",
    "lingqu.foundation.inbox",
    "lingqu.foundation.collection",
    "lingqu.foundation.workflow",
    "lingqu.foundation.intake",
    "lingqu.foundation.quality",
    "lingqu.foundation.reconciliation",
    "lingqu.foundation.statistics",
    "lingqu.learning.records",
    "lingqu.campus.office",
    "lingqu.governance.service_hall",
    "lingqu.portal",
]
INSTALLED_APPS = [
    "lingqu.config",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    *LINGQU_MODULES,
]

MIDDLEWARE = [
    "lingqu.kernel.middleware.RequestTrail",
    "lingqu.config.metrics.CountRequests",
    "lingqu.learning.records.web.content_host.ContentHost",
    "django.middleware.security.SecurityMiddleware",
    "lingqu.kernel.middleware.SecurityHeaders",
    "lingqu.kernel.short_way.ShortWay",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "lingqu.foundation.identity.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "lingqu.kernel.middleware.DrawerRedirects",
    "lingqu.kernel.middleware.DomainErrors",
]

ROOT_URLCONF = "lingqu.config.urls"
WSGI_APPLICATION = "lingqu.config.wsgi.application"
AUTH_USER_MODEL = "identity.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


SESSION_SETTINGS = {
    "web": {"statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"},
    "live": {"statement_timeout": "5s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "10s"},
    "worker": {"statement_timeout": "2h", "lock_timeout": "5min", "idle_in_transaction_session_timeout": "30min",
               "temp_buffers": "256MB"},
    "command": {"statement_timeout": "0", "lock_timeout": "10min", "idle_in_transaction_session_timeout": "1h",
                "temp_buffers": "256MB"},
}  # fmt: skip
"""Settings of a database session by what the process is: a page must fail fast, an import may take its time. Imports stage
in temporary tables; PostgreSQL takes the size of their buffers only before a session's first one, so it is set here."""
POOL = {"min_size": 1, "max_size": 8, "timeout": 10, "max_idle": 300}


def database_from_url(url: str, role: str) -> dict[str, object]:
    """A Django database entry from a libpq URL (``?host=`` may name a socket folder), with the role's time limits."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    limits = " ".join(
        f"-c {name}={value}" for name, value in SESSION_SETTINGS.get(role, SESSION_SETTINGS["command"]).items()
    )
    query["options"] = f"{query.get('options', '')} {limits}".strip()
    pooled: dict[str, object] = {"pool": POOL} if role == "web" else {}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "lingqu",
        "USER": unquote(parts.username or "lingqu"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(query.pop("port", None) or parts.port or ""),
        "CONN_MAX_AGE": 0 if pooled else None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": f"lingqu-{role}", "prepare_threshold": 0, **query, **pooled},
        "TEST": {"NAME": f"test_lingqu_{ENV.test_db}"},
    }


DATABASES = {"default": database_from_url(ENV.database_url or url_of(ENV.home), ENV.role)}

TEMPLATES = [
    {
        "BACKEND": "lingqu.ui.jinja.LingquTemplates",
        "NAME": "lingqu",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {"auto_reload": ENV.debug},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "NAME": "dependencies",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
"""The kernel finds every module's ``jobs`` itself."""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "lingqu" / "config" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = ENV.home / "static"
STATICFILES_DIRS = [BASE_DIR / "lingqu" / "ui" / "static"]
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]

PASSWORD_HASHERS = ["lingqu.foundation.identity.hashing.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in"
PUBLIC = urlsplit(ENV.public_url)
IS_HTTPS = PUBLIC.scheme == "https"
COOKIE_SUFFIX = f"_{PUBLIC.port}" if PUBLIC.port and PUBLIC.port != 8000 else ""
"""Cookies ignore ports: two homes on one machine must not sign each other's visitors out."""
SESSION_COOKIE_NAME = f"lingqu_session{COOKIE_SUFFIX}"
CSRF_COOKIE_NAME = f"lingqu_csrf{COOKIE_SUFFIX}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 180 * 24 * 3600 if IS_HTTPS else 0
CSRF_TRUSTED_ORIGINS = [ENV.public_url]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
CSRF_FAILURE_VIEW = "lingqu.kernel.answers.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SECRET_KEY = ""
SECRET_KEY_FALLBACKS: list[str] = []
CONTENT = urlsplit(ENV.content_url)
ALLOWED_HOSTS = sorted({"localhost", "127.0.0.1", *(one for one in (PUBLIC.hostname, CONTENT.hostname) if one)})
CONTENT_ORIGIN = ENV.content_origin
LOGGING = logging_config(level="INFO", show_values=ENV.debug)

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

LINGQU_PUBLIC_URL = ENV.public_url
LINGQU_CONTENT_URL = ENV.content_url
LINGQU_XAPI_DEFAULT_VERSION = ENV.xapi_version
LINGQU_XAPI_MONTHS = ENV.xapi_months
LINGQU_XAPI_KEEP_MONTHS = ENV.xapi_keep_months
LINGQU_NODE = ENV.node_code
LINGQU_IMPORT_CHUNK = ENV.import_chunk
LINGQU_DISK_RESERVE = ENV.disk_reserve
LINGQU_CRYPTO = ENV.crypto
LINGQU_FILES = ENV.files
LINGQU_SCANNER = ENV.scanner
LINGQU_SCANNER_FAILS = ENV.scanner_fails
LINGQU_SEALS = ENV.seals
LINGQU_SEALS_SECRET = ENV.seals_secret
LINGQU_OUTGOING_ALLOW = ENV.outgoing_allow
LINGQU_BATCH_SECONDS = 1.0
LINGQU_LIVE = True
"""The process for server-sent events runs beside the pages; where it does not, pages ask again by the minute."""
LINGQU_IDLE_MINUTES = ENV.idle_minutes
LINGQU_SMS_ENDPOINT = ENV.sms_endpoint
LINGQU_SMS_KEY_ID = ENV.sms_key_id
LINGQU_SMS_SECRET = ENV.sms_secret
LINGQU_SMS_BUDGET = ENV.sms_budget
LINGQU_MAIL = ENV.mail
LINGQU_MAIL_FROM = ENV.mail_from
LINGQU_ROBOT_HOSTS = ENV.robot_hosts
LINGQU_DELIVERY = {
    "robot": "robot", **({"sms": ENV.sms_provider} if ENV.sms_provider else {}), **({"email": "mail"} if ENV.mail else {}),
}  # fmt: skip
LINGQU_RETENTION = {"audit": ENV.audit_days}
