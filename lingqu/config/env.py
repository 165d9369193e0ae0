"""The process environment, read once and typed. Nothing else in the project touches ``os.environ``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

LEAST_LOG_DAYS = 180
MAIL_SCHEMES = ("smtps", "smtp", "smtp+plain")
DEFAULT_SETTINGS = "lingqu.config.settings.dev"
SETTINGS_VARIABLE = "DJANGO_SETTINGS_MODULE"


class EnvironmentFault(ValueError):
    """A variable has a value that cannot be used; the message names both."""


@dataclass(frozen=True, slots=True)
class Env:
    """What an operator may set from outside; `.env.example` lists every variable."""

    home: Path
    """Data folder of this installation (``LINGQU_HOME``, default ``./var``)."""
    port: int
    """Public port of the front door (``LINGQU_PORT``)."""
    bind: tuple[str, ...]
    """Addresses the front door listens on (``LINGQU_BIND``, comma separated; default this machine only)."""
    database_url: str
    """External PostgreSQL; empty means the embedded one (``DATABASE_URL``)."""
    pg_bin: Path | None
    """Folder of PostgreSQL programs to use instead of the packaged ones (``LINGQU_PG_BIN``)."""
    content_origin: str
    """Origin that serves uploaded packages without cookies (``CONTENT_ORIGIN``)."""
    key_file: Path
    """File with the node's secret keys, outside the data folder (``LINGQU_KEY_FILE``)."""
    public_url: str
    """How browsers reach the platform (``LINGQU_PUBLIC_URL``)."""
    debug: bool
    """Developer mode: template reloading (``LINGQU_DEBUG=1``)."""
    test_db: str
    """Name suffix of the test database, so that several checkouts test beside each other (``LINGQU_TEST_DB``)."""
    node_code: str
    """Three-digit code of this node, first part of every person number (``LINGQU_NODE``)."""
    web_workers: int
    """Web processes; 0 = by the number of cores (``LINGQU_WEB_WORKERS``)."""
    import_chunk: int
    """Rows that an import writes in one transaction (``LINGQU_IMPORT_CHUNK``, default 50,000)."""
    disk_reserve: int
    """Bytes that must stay free on the disk; 0 = 3 % of it, 128 MiB to 1 GiB (``LINGQU_DISK_RESERVE``, in MiB)."""
    crypto: str
    """What seals new values: ``default`` (AES-256-GCM, HMAC-SHA256) or ``sm`` (SM4-GCM, HMAC-SM3) (``LINGQU_CRYPTO``)."""
    files: str
    """Where stored files lie: empty for the home, or ``s3://bucket/prefix?endpoint=…`` (``LINGQU_FILES``)."""
    files_key_id: str
    """Access key of the bucket (``LINGQU_FILES_KEY_ID``); empty: from the key file."""
    files_secret: str = field(repr=False)
    """Its secret (``LINGQU_FILES_SECRET``); empty: from the key file."""
    scanner: str
    """A virus scanner that speaks clamd's INSTREAM, ``tcp://host:port`` or ``unix:///path``; empty for none
    (``LINGQU_SCANNER``)."""
    scanner_fails: str
    """What happens to files while it does not answer: ``closed`` refuses, ``open`` takes them (``LINGQU_SCANNER_FAILS``)."""
    seals: str
    """Where electronic seals come from: ``file:///folder`` of certificates, or the address of a seal service
    (``LINGQU_SEALS``); empty for none."""
    seals_secret: str = field(repr=False)
    """Password of the certificates, or token of the service (``LINGQU_SEALS_SECRET``)."""
    idle_minutes: int
    """Minutes without a request after which a session that sees pupils locks; 0 = never (``LINGQU_IDLE_MINUTES``)."""
    log_days: int
    """Days that rotated log files stay (``LINGQU_LOG_DAYS``, 200; at least 180)."""
    audit_days: int
    """Days that entries of the audit trail stay (``LINGQU_AUDIT_DAYS``, 1096; at least 180)."""
    trusted_proxies: tuple[str, ...]
    """Address ranges of proxies before the front door whose ``X-Forwarded-*`` count (``LINGQU_TRUSTED_PROXIES``)."""
    outgoing_allow: tuple[str, ...]
    """Hosts and address ranges inside the own network that applications may be reached at, also by http
    (``LINGQU_OUTGOING_ALLOW``)."""
    robot_hosts: tuple[str, ...]
    """Hosts (name or name:port) where robots of group chats may be (``LINGQU_ROBOT_HOSTS``, default the two services')."""
    sms_provider: str
    """Which service carries SMS: empty for files, or ``aliyun`` (``LINGQU_SMS_PROVIDER``)."""
    sms_endpoint: str
    """Where it is asked (``LINGQU_SMS_ENDPOINT``, default the service's own)."""
    sms_key_id: str
    """Its access key (``LINGQU_SMS_KEY_ID``)."""
    sms_secret: str = field(repr=False)
    """The secret of it (``LINGQU_SMS_SECRET``)."""
    sms_budget: int
    """SMS a school may send in a month where nobody set another number (``LINGQU_SMS_BUDGET``)."""
    mail: str = field(repr=False)
    """The mail server, ``smtps://``, ``smtp://`` (with STARTTLS) or ``smtp+plain://``; empty for files (``LINGQU_MAIL``)."""
    mail_from: str
    """The sender's address (``LINGQU_MAIL_FROM``)."""
    wal_archive: Path | None
    """Folder outside the data folder that continuously receives what the embedded PostgreSQL writes
    (``LINGQU_WAL_ARCHIVE``)."""
    archive_days: int
    """For how many days back the archive can restore any moment (``LINGQU_WAL_ARCHIVE_DAYS``, default 7)."""
    content_url: str
    """Where files of course packages are served, an address with a host name of its own: pages of strangers then have an
    origin with cookies and storage of theirs (``LINGQU_CONTENT_URL``; empty: they have neither)."""
    xapi_version: str
    """Version in the header of xAPI answers to requests that ask for none (``LINGQU_XAPI_DEFAULT_VERSION``)."""
    xapi_months: int
    """Months of statements that stay in the database before they move into files (``LINGQU_XAPI_MONTHS``, 12)."""
    xapi_keep_months: int
    """Months after which statements end; 0 = never (``LINGQU_XAPI_KEEP_MONTHS``)."""
    role: str
    """What this process is: ``web``, ``live``, ``worker`` or ``command``. The supervisor sets it (``LINGQU_ROLE``)."""


def _from_file(path: Path) -> dict[str, str]:
    """``NAME=value`` lines of an environment file; blank lines and ``#`` lines are skipped, quotes are taken off."""
    if not path.is_file():
        return {}
    pairs = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
    return {
        name.strip().removeprefix("export ").strip(): value.strip().strip("\"'")
        for name, _, value in pairs
        if not name.lstrip().startswith("#")
    }


def _list(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _chosen(value: str | None, known: tuple[str, ...]) -> str:
    """One of the ``known`` words, the first when nothing is set."""
    if value and value not in known:
        raise EnvironmentFault(f"{value}: must be one of {', '.join(known)}")
    return value or known[0]


def _mail_server(address: str | None, sender: str | None) -> str:
    """The address as it is, when it can be one and somebody is named as its sender."""
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in MAIL_SCHEMES or not parts.hostname:
        raise EnvironmentFault(f"LINGQU_MAIL: must be {', '.join(f'{one}://host' for one in MAIL_SCHEMES)}")
    if "@" not in parseaddr(sender or "")[1]:
        raise EnvironmentFault("LINGQU_MAIL_FROM: must be an e-mail address when LINGQU_MAIL is set")
    return address


def _address(name: str, value: str | None, schemes: tuple[str, ...]) -> str:
    """The address as it is, when it has one of the schemes."""
    if value and urlsplit(value).scheme not in schemes:
        raise EnvironmentFault(f"{name}: must begin with {' or '.join(f'{one}://' for one in schemes)}")
    return value or ""


def _days(name: str, value: str | None, default: int) -> int:
    """Days that logs stay: 网络安全法 第二十一条 asks for not less than six months."""
    days = int(value or default)
    if days < LEAST_LOG_DAYS:
        raise EnvironmentFault(f"{name}={days}: logs stay at least {LEAST_LOG_DAYS} days (网络安全法 第二十一条)")
    return days


def _content_url(public_url: str | None, port: int) -> str:
    """Browsers take ``content.localhost`` for this machine; elsewhere a second name has to be set up first."""
    return "" if public_url else f"http://content.localhost:{port}"


def read(values: Mapping[str, str]) -> Env:
    """The typed environment that ``values`` describe."""
    home = Path(values.get("LINGQU_HOME") or "var").resolve()
    port = int(values.get("LINGQU_PORT") or 8000)
    return Env(
        home=home,
        port=port,
        bind=_list(values.get("LINGQU_BIND") or "127.0.0.1,::1"),
        database_url=values.get("DATABASE_URL", ""),
        pg_bin=Path(p) if (p := values.get("LINGQU_PG_BIN")) else None,
        content_origin=(values.get("CONTENT_ORIGIN") or f"http://127.0.0.1:{port}").rstrip("/"),
        key_file=Path(values.get("LINGQU_KEY_FILE") or home.with_name(home.name + ".keys")).resolve(),
        public_url=(values.get("LINGQU_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
        debug=values.get("LINGQU_DEBUG") == "1",
        test_db=values.get("LINGQU_TEST_DB") or "main",
        node_code=values.get("LINGQU_NODE") or "001",
        web_workers=int(values.get("LINGQU_WEB_WORKERS") or 0),
        import_chunk=max(1, int(values.get("LINGQU_IMPORT_CHUNK") or 50_000)),
        disk_reserve=int(values.get("LINGQU_DISK_RESERVE") or 0) << 20,
        crypto=_chosen(values.get("LINGQU_CRYPTO"), ("default", "sm")),
        files=values.get("LINGQU_FILES") or "",
        files_key_id=values.get("LINGQU_FILES_KEY_ID") or "",
        files_secret=values.get("LINGQU_FILES_SECRET") or "",
        scanner=_address("LINGQU_SCANNER", values.get("LINGQU_SCANNER"), ("tcp", "unix")),
        scanner_fails=_chosen(values.get("LINGQU_SCANNER_FAILS"), ("closed", "open")),
        seals=_address("LINGQU_SEALS", values.get("LINGQU_SEALS"), ("file", "https", "http")),
        seals_secret=values.get("LINGQU_SEALS_SECRET") or "",
        idle_minutes=max(0, int(values.get("LINGQU_IDLE_MINUTES") or 15)),
        log_days=_days("LINGQU_LOG_DAYS", values.get("LINGQU_LOG_DAYS"), 200),
        audit_days=_days("LINGQU_AUDIT_DAYS", values.get("LINGQU_AUDIT_DAYS"), 1096),
        trusted_proxies=_list(values.get("LINGQU_TRUSTED_PROXIES")),
        outgoing_allow=_list(values.get("LINGQU_OUTGOING_ALLOW")),
        robot_hosts=_list(values.get("LINGQU_ROBOT_HOSTS")) or ("qyapi.weixin.qq.com", "oapi.dingtalk.com"),
        sms_provider=_chosen(values.get("LINGQU_SMS_PROVIDER"), ("", "aliyun")),
        sms_endpoint=values.get("LINGQU_SMS_ENDPOINT") or "https://dysmsapi.aliyuncs.com",
        sms_key_id=values.get("LINGQU_SMS_KEY_ID") or "",
        sms_secret=values.get("LINGQU_SMS_SECRET") or "",
        sms_budget=max(0, int(values.get("LINGQU_SMS_BUDGET") or 2000)),
        mail=_mail_server(values.get("LINGQU_MAIL"), values.get("LINGQU_MAIL_FROM")),
        mail_from=values.get("LINGQU_MAIL_FROM") or "",
        wal_archive=Path(a).resolve() if (a := values.get("LINGQU_WAL_ARCHIVE")) else None,
        archive_days=max(1, int(values.get("LINGQU_WAL_ARCHIVE_DAYS") or 7)),
        content_url=(values.get("LINGQU_CONTENT_URL") or _content_url(values.get("LINGQU_PUBLIC_URL"), port)).rstrip(
            "/"
        ),
        xapi_version=_chosen(values.get("LINGQU_XAPI_DEFAULT_VERSION"), ("2.0.0", "1.0.3")),
        xapi_months=max(1, int(values.get("LINGQU_XAPI_MONTHS") or 12)),
        xapi_keep_months=max(0, int(values.get("LINGQU_XAPI_KEEP_MONTHS") or 0)),
        role=values.get("LINGQU_ROLE") or "command",
    )


@cache
def env() -> Env:
    """The environment of this process: its variables, then those of ``./.env`` that are not set."""
    return read({**_from_file(Path(".env")), **os.environ})


def child_environment(**changes: str) -> dict[str, str]:
    """The environment for a child process: this one with ``changes``; an empty value removes the variable."""
    merged = {**_from_file(Path(".env")), **os.environ, **changes}
    return {name: value for name, value in merged.items() if value or name not in changes}


def set_variable(name: str, value: str) -> None:
    """Change this process's own environment before anything has read it (test runner, commands)."""
    os.environ[name] = value
    env.cache_clear()


def use_settings(module: str = DEFAULT_SETTINGS) -> None:
    """Choose the Django settings module unless the environment already names one."""
    os.environ.setdefault(SETTINGS_VARIABLE, module)
