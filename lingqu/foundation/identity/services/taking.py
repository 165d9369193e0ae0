"""Taking along what is held about oneself, or about a child one guards: a job gathers it into a sealed file for a day."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import xlsxwriter
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto, files, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Invalid, NotFound
from lingqu.kernel.language import writing_to
from lingqu.kernel.spreadsheets import harmless

from ..models import Account, DataFile
from ..selectors import own
from ..types.words import DataFileState

TYPES = {"json": "application/json", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
GOOD_FOR, STUCK = timedelta(hours=24), timedelta(hours=1)
MOST_BYTES = 256 << 20


@transaction.atomic
def order(*, actor: Actor, kind: str, person_id: UUID | None = None) -> DataFile:
    """Ask for one's own data, or with ``person_id`` for a child's. One order at a time: :class:`Conflict`.

    Raises :class:`Forbidden` for anybody else's.
    """
    account_id = own.account_of(actor)
    if kind not in TYPES:
        raise Invalid(_("没有这种文件。"))
    if person_id is not None:
        require(own.is_ward(actor, person_id))
    waiting = DataFile.objects.filter(account=account_id, state=DataFileState.MAKING)
    waiting.filter(asked_at__lt=clock.now() - STUCK).update(state=DataFileState.FAILED)
    try:
        with transaction.atomic():
            made = DataFile.objects.create(
                account_id=account_id, person_id=person_id or actor.person_id, role=actor.role, kind=kind
            )
    except IntegrityError as error:
        raise Conflict(_("上一份还在生成，请稍候。"), code="data_file_waiting") from error
    _trace(actor, "identity.own_data.ordered", made)
    jobs.defer("identity.make_data_file", file_id=str(made.id))
    return made


def make(file_id: UUID, *, actor: Actor) -> None:
    """Gather and seal. The rights are asked again: a guardian who was revoked meanwhile gets nothing. May run twice."""
    row = DataFile.objects.filter(id=file_id, state=DataFileState.MAKING).first()
    if row is None:
        return
    is_own = row.person_id == actor.person_id
    if not is_own and not own.is_ward(actor, row.person_id):
        DataFile.objects.filter(id=row.id).update(state=DataFileState.FAILED)
        return
    values: dict[str, Any] = {}
    for done, (part, total) in enumerate(own.gather(actor, None if is_own else row.person_id), start=1):
        values |= part
        DataFile.objects.filter(id=row.id).update(done=done, total=total)
        jobs.checkpoint()
    with writing_to():
        content = crypto.seal(_written(values, row.kind), str(row.id).encode())
    stored = files.put(content, max_bytes=MOST_BYTES, is_own=True)
    DataFile.objects.filter(id=row.id, state=DataFileState.MAKING).update(
        state=DataFileState.READY, digest=stored.digest, ready_at=clock.now()
    )


def find_orderer(file_id: UUID) -> tuple[Account, str] | None:
    """Who asked and in which role; None when the account was stopped since."""
    row = DataFile.objects.select_related("account").filter(id=file_id).first()
    return (row.account, row.role) if row is not None and row.account.is_active else None


def take(*, actor: Actor, file_id: UUID) -> tuple[bytes, str, str]:
    """Content, name and media type of a finished file, for the account that asked, within a day; each taking is on the
    trail. A guardian must still be one."""
    row = DataFile.objects.select_related("person").filter(id=file_id, account=actor.account_id).first()
    if row is None:
        raise NotFound(_("没有这个文件。"))
    require(row.person_id == actor.person_id or own.is_ward(actor, row.person_id))
    if row.state != DataFileState.READY or row.ready_at is None:
        raise Conflict(_("文件还没有生成好。"), code="data_file_waiting")
    if row.ready_at < clock.now() - GOOD_FOR:
        raise Conflict(_("文件只保存一天，请重新生成。"), code="data_file_gone")
    with files.open_file(row.digest) as source:
        content = crypto.unseal(source.read(), str(row.id).encode())
    with transaction.atomic():
        DataFile.objects.filter(id=row.id).update(taken_at=clock.now())
        _trace(actor, "identity.own_data.taken", row)
    name = _("%(name)s的数据") % {"name": row.person.name if row.person else actor.name}
    return content, f"{name}.{row.kind}", TYPES[row.kind]


def _trace(actor: Actor, action: str, row: DataFile) -> None:
    audit.record(
        actor, action, subject_kind="person" if row.person_id else "account",
        subject_id=row.person_id or row.account_id, data={"kind": row.kind},
    )  # fmt: skip


def _written(values: Mapping[str, Any], kind: str) -> bytes:
    if kind == "json":
        return json.dumps(values, ensure_ascii=False, indent=2, default=_plain).encode()
    return _workbook(values)


def _workbook(values: Mapping[str, Any]) -> bytes:
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


def _parts_of(register: Mapping[str, Any]) -> dict[str, Any]:
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
