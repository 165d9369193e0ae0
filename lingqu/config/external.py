"""What ``lingqu doctor`` asks of a PostgreSQL that others run: can it carry the platform, and what should they change?"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from lingqu.config.env import env
from lingqu.config.postgres import find_programs
from lingqu.config.postgres.programs import ProgramsMissing
from lingqu.config.words import gettext as _

LEAST_VERSION = 180000
NEEDED_CONNECTIONS = 60
"""Web processes with eight connections each, jobs, event stream, commands, and two for somebody who looks for a fault."""
EXTENSIONS = ("ltree", "btree_gist")
TIMEOUTS = ("statement_timeout", "transaction_timeout", "idle_session_timeout")


@dataclass(frozen=True, slots=True)
class Finding:
    """``level``: ok, hint or fault. A fault keeps the platform from working."""

    name: str
    level: str
    message: str


def examine_database(url: str) -> tuple[Finding, ...]:
    """Findings named ``database.…``; only the first when the database cannot be reached. Changes nothing."""
    try:
        with psycopg.connect(url, connect_timeout=10, autocommit=True, client_encoding="utf8") as session:
            session.execute("SET statement_timeout = '10s'")
            if session.info.server_version < LEAST_VERSION:
                return (_version(session),)
            parts = (_version, _locale, _extensions, _rights, _connections, _settings, _safety, _tools, _encryption)
            return tuple(finding for part in parts for finding in _several(part(session)))
    except psycopg.Error as error:
        told = _(
            "连不上外部数据库：%(detail)s。请核对 DATABASE_URL 的主机、端口、用户和密码，以及数据库的 pg_hba.conf。"
        )
        detail = str(error).strip().rpartition("\n")[2][-200:]
        return (Finding("database.connection", "fault", told % {"detail": detail}),)


def _several(found: Finding | Iterator[Finding]) -> tuple[Finding, ...]:
    return (found,) if isinstance(found, Finding) else tuple(found)


def _one(session: psycopg.Connection, query: str, *values: object) -> tuple[object, ...]:
    row = session.execute(query, values or None).fetchone()
    assert row is not None
    return tuple(row)


def _version(session: psycopg.Connection) -> Finding:
    number = session.info.server_version
    if number < LEAST_VERSION:
        told = _("外部数据库是 PostgreSQL %(version)d；灵渠需要 18 或更新。请升级数据库。")
        return Finding("database.version", "fault", told % {"version": number // 10000})
    return Finding("database.version", "ok", f"PostgreSQL {number // 10000}.{number % 10000}")


def _locale(session: psycopg.Connection) -> Finding:
    """The same rule by which a start refuses."""
    encoding, provider, locale, ctype = _one(
        session,
        "SELECT pg_encoding_to_char(encoding), datlocprovider::text, coalesce(datlocale, ''), datctype"
        " FROM pg_database WHERE datname = current_database()",
    )
    name = str(locale if provider == "b" else ctype)
    if encoding == "UTF8" and (provider == "i" or name.replace("-", "").upper() == "C.UTF8"):
        return Finding("database.locale", "ok", _("编码 UTF8，区域 %(locale)s。") % {"locale": locale or ctype})
    told = _(
        "编码是 %(encoding)s，区域是 %(locale)s。请重建：CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'"
        " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"
    )
    return Finding("database.locale", "fault", told % {"encoding": encoding, "locale": name or locale})


def _extensions(session: psycopg.Connection) -> Iterator[Finding]:
    """Both are trusted: whoever may create in the database may install them, if the server has their files."""
    rows = session.execute("SELECT name, installed_version FROM pg_available_extensions").fetchall()
    available: dict[str, str | None] = dict(rows)
    missing = [name for name in EXTENSIONS if name not in available]
    absent = [name for name in EXTENSIONS if name in available and available[name] is None]
    may_create = _one(session, "SELECT has_database_privilege(current_database(), 'CREATE')")[0]
    if missing:
        told = _("服务器上没有扩展 %(names)s，请安装 postgresql-contrib。")
        yield Finding("database.extensions", "fault", told % {"names": ", ".join(missing)})
    elif absent and not may_create:
        told = _("扩展 %(names)s 还没有装入这个数据库，我们的用户也无权装入。请由管理员执行：%(commands)s")
        commands = "; ".join(f"CREATE EXTENSION {name}" for name in absent)
        yield Finding("database.extensions", "fault", told % {"names": ", ".join(absent), "commands": commands})
    else:
        yield Finding("database.extensions", "ok", _("扩展齐备：%(names)s。") % {"names": ", ".join(EXTENSIONS)})


def _rights(session: psycopg.Connection) -> Iterator[Finding]:
    user, name, in_database, in_schema, may_make, is_super, may_watch, may_connect = _one(
        session,
        "SELECT current_user, current_database(), has_database_privilege(current_database(), 'CREATE'),"
        " has_schema_privilege('public', 'CREATE'), rolcreatedb OR rolsuper, rolsuper,"
        " pg_has_role('pg_monitor', 'USAGE'), has_database_privilege('postgres', 'CONNECT')"
        " FROM pg_roles WHERE rolname = current_user",
    )
    words = {"user": user, "name": name}
    if not (in_database and in_schema):
        told = _("用户 %(user)s 不能在数据库 %(name)s 里建表。请执行：ALTER DATABASE %(name)s OWNER TO %(user)s")
        yield Finding("database.rights", "fault", told % words)
    elif is_super:
        told = _("用户 %(user)s 是超级用户。请改用普通用户，它只需拥有这个数据库。")
        yield Finding("database.rights", "hint", told % words)
    else:
        yield Finding("database.rights", "ok", _("用户 %(user)s 的权限够用。") % words)
    if not (may_make and may_connect):
        told = _("用户 %(user)s 不能建数据库，lingqu restore 会失败。恢复之前请执行：ALTER ROLE %(user)s CREATEDB")
        yield Finding("database.restore", "hint", told % words)
    if not may_watch:
        told = _("用户 %(user)s 看不到其他会话，运行状态页会不全。请执行：GRANT pg_monitor TO %(user)s")
        yield Finding("database.monitor", "hint", told % words)


def _connections(session: psycopg.Connection) -> Finding:
    """The tightest of the server's, the database's and the role's limits."""
    server, database, role = _one(
        session,
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
        " - current_setting('reserved_connections')::int,"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)",
    )
    limits = [int(str(one)) for one in (server, database, role) if int(str(one)) >= 0]
    most = min(limits)
    if most < NEEDED_CONNECTIONS:
        told = _(
            "只有 %(most)d 个连接可用，建议至少 %(needed)d 个。请调大 max_connections，或用户、数据库的 CONNECTION LIMIT。"
        )
        level = "hint" if most >= NEEDED_CONNECTIONS // 2 else "fault"
        return Finding("database.connections", level, told % {"most": most, "needed": NEEDED_CONNECTIONS})
    return Finding("database.connections", "ok", _("可用连接 %(most)d 个。") % {"most": most})


def _settings(session: psycopg.Connection) -> Iterator[Finding]:
    """Settings of the role or database that would reach into our sessions."""
    with psycopg.connect(
        session.info.dsn, password=session.info.password, connect_timeout=10, client_encoding="utf8"
    ) as plain:
        for name in TIMEOUTS:
            if (value := str(_one(plain, "SELECT current_setting(%s)", name)[0])) not in ("0", ""):
                told = _("%(name)s 是 %(value)s，会中断导入和升级。请执行：ALTER ROLE %(user)s SET %(name)s = 0")
                words = {"name": name, "value": value, "user": plain.info.user}
                level = "hint" if name == "statement_timeout" else "fault"
                yield Finding(f"database.{name}", level, told % words)
        found = session.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)",
            [["default_transaction_read_only", "default_transaction_isolation", "TimeZone"]],
        ).fetchall()
    values: dict[str, str] = dict(found)
    user = session.info.user
    if values["default_transaction_read_only"] == "on" or _one(session, "SELECT pg_is_in_recovery()")[0]:
        told = _("数据库只读（备库，或设了 default_transaction_read_only）。DATABASE_URL 请指向主库。")
        yield Finding("database.read_only", "fault", told)
    if values["default_transaction_isolation"] != "read committed":
        told = _(
            "默认隔离级别是 %(value)s。请执行：ALTER ROLE %(user)s SET default_transaction_isolation = 'read committed'"
        )
        words = {"value": values["default_transaction_isolation"], "user": user}
        yield Finding("database.isolation", "fault", told % words)
    yield Finding("database.timezone", "ok", _("时区 %(zone)s（平台自己使用 UTC）。") % {"zone": values["TimeZone"]})


def _safety(session: psycopg.Connection) -> Iterator[Finding]:
    """Whether an acknowledged write survives a power cut, and whether somebody archives."""
    names = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums", "archive_mode", "wal_level")
    rows = session.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)]).fetchall()
    values: dict[str, str] = dict(rows)
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if values.get(name) == "off":
            told = _("%(name)s 是 off：断电会丢失已经提示成功的操作。请由管理员改为 on。")
            yield Finding(f"database.{name}", "fault", told % {"name": name})
    if values.get("data_checksums") == "off":
        told = _("没有打开数据校验和，磁盘的静默损坏不会被发现。可停机后用 pg_checksums --enable 打开。")
        yield Finding("database.checksums", "hint", told)
    senders = _one(session, "SELECT count(*) FROM pg_stat_replication")[0]
    if values.get("archive_mode") == "off" and not senders:
        told = _(
            "数据库没有连续归档，也没有备库（wal_level 为 %(level)s）。灵渠不替外部数据库归档；"
            "请由管理员设置 archive_mode 或流复制，灵渠这边每天执行 lingqu backup。"
        )
        yield Finding("database.archiving", "hint", told % {"level": values.get("wal_level", "?")})
    else:
        yield Finding("database.archiving", "ok", _("数据库有连续归档或备库，由它的管理员负责。"))


def _tools(session: psycopg.Connection) -> Finding:
    """pg_dump refuses a server that is newer than itself."""
    server = session.info.server_version // 10000
    try:
        program = find_programs(env().pg_bin, None)["pg_dump"]
        told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=True).stdout
        ours = int(re.findall(r"\d+", told)[0])
    except (ProgramsMissing, OSError, subprocess.CalledProcessError, IndexError):
        message = _("找不到 pg_dump，lingqu backup 不能用。请设 LINGQU_PG_BIN。")
        return Finding("database.tools", "hint", message)
    if ours < server:
        message = _(
            "pg_dump 是 %(ours)d，比数据库的 %(server)d 旧，lingqu backup 会失败。请把 LINGQU_PG_BIN 指向新版程序。"
        )
        return Finding("database.tools", "fault", message % {"ours": ours, "server": server})
    return Finding("database.tools", "ok", _("备份程序 pg_dump %(ours)d。") % {"ours": ours})


def _encryption(session: psycopg.Connection) -> Finding:
    """Over a network the connection should be encrypted."""
    host = session.info.host or ""
    is_near = host.startswith("/") or host in ("localhost", "127.0.0.1", "::1", "")
    if is_near or session.pgconn.ssl_in_use:
        return Finding("database.encryption", "ok", _("到数据库的连接不经过网络，或已加密。"))
    told = _("到 %(host)s 的连接没有加密，个人信息以明文经过网络。请在 DATABASE_URL 末尾加 ?sslmode=verify-full。")
    return Finding("database.encryption", "hint", told % {"host": host})
