"""What people do with their own account: end sign-ins elsewhere, take along what is held about them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.language import writing_to
from lingqu.kernel.spreadsheets import harmless

from ..models import SsoSession
from ..selectors import own
from ..types.words import SessionEnd
from . import sso

FRESH = timedelta(minutes=10)
"""So long after the password one's own data may be taken."""
TYPES = {"json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def end_visits(*, actor: Actor, session_ids: Iterable[UUID]) -> int:
    """End sessions of one's own account; others are left alone. Returns how many ended."""
    require(actor.account_id is not None)
    mine = SsoSession.objects.filter(account=actor.account_id, id__in=list(session_ids))
    with transaction.atomic():
        ended = sso.end(mine.values_list("id", flat=True), SessionEnd.REVOKED)
        if ended:
            audit.record(
                actor, "identity.sessions.revoked", subject_kind="account", subject_id=actor.account_id,
                data={"sessions": ended},
            )  # fmt: skip
    return ended


def take_own_data(*, actor: Actor, kind: str) -> tuple[bytes, str]:
    """Content and name of a file with everything held about the actor; the taking is on the trail."""
    values = own.everything_about(actor)
    audit.record(
        actor, "identity.own_data.taken", subject_kind="person" if actor.person_id else "account",
        subject_id=actor.person_id or actor.account_id, data={"kind": kind},
    )  # fmt: skip
    name = f"{_('我的数据')}.{kind}"
    if kind == "json":
        return json.dumps(values, ensure_ascii=False, indent=2, default=_plain).encode(), name
    with writing_to():
        return _workbook(values), name


def _workbook(values: dict[str, Any]) -> bytes:
    """One sheet a part: a map as two columns, a list of maps as a table."""
    parts = {**{key: part for key, part in values.items() if key != "register"}, **_parts_of(values["register"])}
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for title, part in parts.items():
            sheet = book.add_worksheet(title[:31])
            for at, row in enumerate(_rows(part)):
                for column, text in enumerate(row):
                    sheet.write_string(at, column, harmless(text))
    return target.getvalue()


def _parts_of(register: dict[str, Any]) -> dict[str, Any]:
    tables = {f"register.{key}": part for key, part in register.items() if isinstance(part, (list, dict))}
    single = {key: part for key, part in register.items() if not isinstance(part, (list, dict))}
    return {"register": single, **tables}


def _rows(part: Any) -> Sequence[Sequence[str]]:
    if isinstance(part, dict):
        return [[str(key), _text(value)] for key, value in part.items()]
    maps = [one if isinstance(one, dict) else {"": one} for one in part]
    heads = list(dict.fromkeys(key for one in maps for key in one))
    return [heads, *([_text(one.get(key)) for key in heads] for one in maps)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " ".join(map(_text, value))
    return str(_plain(value))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
