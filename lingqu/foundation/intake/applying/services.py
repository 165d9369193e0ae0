"""What people do with imports: make, start, cancel, resume, withdraw. Needs ``intake.import.run`` at the import's
place."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.foundation.upstream.api import NUMBERS_RECORD
from lingqu.kernel import audit, files, home, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.clock import now
from lingqu.kernel.errors import Conflict, NotFound

from ..models import Import, ImportFile
from ..types import IMPORT_RUN, ReadFile
from .numbering import next_number
from .running import LOCK_KEY, Result, run_import

STALE = timedelta(seconds=60)
"""An import that shows no sign of life for this long is taken up again by the worker."""
MOST_TAKEN_UP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that the file store holds already, under the name it was handed in with."""

    name: str
    digest: str
    size: int


@transaction.atomic
def create_import(
    *,
    actor: Actor,
    scope: str,
    uploads: Sequence[Upload] = (),
    paths: Sequence[Path] = (),
    source: str = "school-roster",
    source_kind: str = "local",
    dry_run: bool = False,
    strict: bool = False,
    into_demo: bool = False,
) -> Import:
    """An import of uploaded files, or (for commands) of files on this machine, into the subtree ``scope``."""
    require(actor.holds(IMPORT_RUN, scope))
    if home.is_demo() and not into_demo:
        raise Conflict(
            _("这是演示环境，不能导入真实名册。请用 lingqu run --no-demo 另建正式环境。"), code="home_is_demo"
        )
    organisation = registry.organisation_at(scope)
    record = Import.objects.create(
        number=next_number(), source=registry.source_of(source, kind=source_kind), organisation=organisation,
        path=scope, options={"dry_run": dry_run, "strict": strict, "from_command": bool(paths), "may_record": _may_record(actor, scope),
        "may_number": actor.holds(NUMBERS_RECORD, scope)}, created_by=actor.name,
        created_by_account=actor.account_id,
    )  # fmt: skip
    for upload in uploads:
        files.attach(upload.digest, owner_kind="intake.import", owner_id=record.id, name=upload.name)
    ImportFile.objects.bulk_create(
        [ImportFile(owner=record, name=u.name, size=u.size, digest=u.digest, stored=u.digest) for u in uploads]
        + [ImportFile(owner=record, name=str(p), size=_size(p), digest=_mark(p), stored="") for p in paths]
    )
    audit.record(
        actor, "intake.import.created", subject_kind="import", subject_id=record.number, path=scope,
        data={"files": len(uploads) + len(paths), "source": source, "dry_run": dry_run, "strict": strict},
    )  # fmt: skip
    return record


def _may_record(actor: Actor, scope: str) -> bool:
    """Whether the importer may record pupil attributes; the worker applies what the importer was allowed."""
    return actor.holds(registry.rights.ATTRIBUTE_EDIT, scope)


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(part.stat().st_size for part in path.rglob("*") if part.is_file())
    return path.stat().st_size


def _mark(path: Path) -> str:
    """What a file on disk looked like; enough to tell whether a resumed import reads the same one."""
    return f"{_size(path)}:{path.stat().st_mtime_ns}"


def _locked(actor: Actor, number: str) -> Import:
    record = Import.objects.select_for_update().filter(number=number).first()
    if record is None:
        raise NotFound()
    require(actor.holds(IMPORT_RUN, str(record.path)))
    return record


@transaction.atomic
def start_import(*, actor: Actor, number: str, apply: bool = True) -> Import:
    """Hand the import to the worker. With ``apply`` false it is only read and checked."""
    record = _locked(actor, number)
    if record.state not in {"uploaded", "mapping", "checked"}:
        raise Conflict(_("这次导入已经开始或结束。"))
    may_record = _may_record(actor, str(record.path))
    record.options = {**record.options, "dry_run": not apply, "may_record": may_record}
    record.save(update_fields=["options"])
    jobs.defer("intake.run_import_job", import_id=str(record.id), _lock="intake.import", _once=f"import:{record.id}")
    audit.record(actor, "intake.import.started", subject_kind="import", subject_id=number, path=str(record.path))
    return record


@transaction.atomic
def cancel_import(*, actor: Actor, number: str) -> Import:
    """Stop before the next chunk; what was applied stays (withdrawing takes it back)."""
    record = Import.objects.filter(number=number).first()
    if record is None:
        raise NotFound()
    require(actor.holds(IMPORT_RUN, str(record.path)))
    record = Import.objects.select_for_update().get(id=record.id)
    if record.state in {"applied", "refused", "cancelled", "withdrawn"}:
        raise Conflict(_("这次导入已经结束。"))
    record.state, record.finished_at = "cancelled", now()
    record.save(update_fields=["state", "finished_at"])
    audit.record(actor, "intake.import.cancelled", subject_kind="import", subject_id=number, path=str(record.path))
    return record


@transaction.atomic
def resume_import(*, actor: Actor, number: str) -> Import:
    """Take up an import that was interrupted or cancelled while applying."""
    record = _locked(actor, number)
    if record.state == "cancelled":
        record.state = "applying" if record.chunks_done else "uploaded"
        record.finished_at = None
        record.save(update_fields=["state", "finished_at"])
    elif record.state not in {"uploaded", "reading", "checked", "applying"}:
        raise Conflict(_("这次导入不能继续。"))
    jobs.defer("intake.run_import_job", import_id=str(record.id), _lock="intake.import", _once=f"import:{record.id}")
    audit.record(actor, "intake.import.resumed", subject_kind="import", subject_id=number, path=str(record.path))
    return record


@transaction.atomic
def withdraw_import(*, actor: Actor, number: str) -> registry.Withdrawal:
    """Compensating history for everything the import applied; see ``registry.loading.withdrawing`` for what stays."""
    record = _locked(actor, number)
    if record.state not in {"applied", "cancelled"} or not record.chunks_done:
        raise Conflict(_("只有写入过的导入可以撤回。"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_KEY])
        if not cursor.fetchone()[0]:
            raise Conflict(_("另一个导入正在写入，请等它完成后再撤回。"))
    undone = registry.withdraw_import(actor=actor, import_id=record.id, number=number, scope=str(record.path))
    record.state = "withdrawn"
    record.save(update_fields=["state"])
    return undone


def run_stored(*, actor: Actor, import_id: Any) -> Result:
    """Run an import whose files are in the file store."""
    with ExitStack() as stack:
        read = [
            ReadFile(name=file.name, path=stack.enter_context(files.local_copy(file.stored)))
            for file in ImportFile.objects.filter(owner_id=import_id).exclude(stored="").order_by("id")
        ]
        record = Import.objects.get(id=import_id)
        return run_import(actor=actor, import_id=import_id, files=read, mapping=record.mapping or None)


def take_up_stale() -> list[Any]:
    """Uploaded imports that were being worked on and show no sign of life: their worker was killed. Returns their ids.

    Files that end their worker again and again before a chunk more is done are given up, so that they do not keep the
    others waiting; who uploaded them reads why.
    """
    stale = Import.objects.filter(state__in=["reading", "applying"], heartbeat_at__lt=now() - STALE)
    ids = stale.exclude(files__stored="").values_list("id", flat=True).distinct()
    return [import_id for import_id in list(ids) if _may_go_on(import_id)]


@transaction.atomic
def _may_go_on(import_id: Any) -> bool:
    record = Import.objects.select_for_update().get(id=import_id)
    at, times = record.options.get("taken_up", [record.chunks_done, 0])
    times = times + 1 if at == record.chunks_done else 1
    record.options = {**record.options, "taken_up": [record.chunks_done, times]}
    record.heartbeat_at = now()
    if times > MOST_TAKEN_UP:
        record.state = "cancelled" if record.chunks_done else "refused"
        from ..reading.limits import sentences

        record.refusal = sentences()["worker_died"]
        record.finished_at = now()
        audit.record(
            Actor.system("intake"), "intake.import.given_up", subject_kind="import", subject_id=record.number,
            path=str(record.path), data={"chunks": record.chunks_done},
        )  # fmt: skip
    record.save(update_fields=["options", "heartbeat_at", "state", "refusal", "finished_at"])
    return times <= MOST_TAKEN_UP


def find_interrupted(*, source: str, scope: str, paths: Sequence[Path]) -> Import | None:
    """The latest unfinished import of the same files by a command."""
    wanted = sorted((str(path), _mark(path)) for path in paths)
    unfinished = ["uploaded", "reading", "checked", "applying"]
    found = Import.objects.filter(source__code=source, path=scope, state__in=unfinished).order_by("-created_at")
    for record in found[:20]:
        if not record.options.get("dry_run") and sorted(record.files.values_list("name", "digest")) == wanted:
            return record
    return None
