"""A finished case as one file: the official form, what was attached, the history."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from typing import IO, Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, files
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict
from lingqu.kernel.spreadsheets import harmless

from ..selectors.cases import get_case
from ..selectors.finished import files_of
from ..types import rights
from ..types.words import FileKind

KEPT_IN_MEMORY = 8 << 20


@transaction.atomic
def bundle(*, actor: Actor, case_id: UUID, form: bytes, history: Iterable[Sequence[Any]]) -> IO[bytes]:
    """A ZIP of a finished case, for who reads its whole form; left in the audit trail. ``form``: its PDF; ``history``: rows
    of the table of what happened, its head first."""
    case = get_case(actor, case_id)
    require(actor.is_system or actor.holds(rights.CASE_DATA, case.path))
    if case.line.ended_at is None:
        raise Conflict(_("办件办结以后才能下载档案。"), code="not_ended")
    made = tempfile.SpooledTemporaryFile(max_size=KEPT_IN_MEMORY)  # noqa: SIM115 the answer closes it
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(_("审批表.pdf"), form)
        package.writestr(_("办理记录.csv"), _table(history))
        for number, row in enumerate(files_of(case_id), 1):
            folder = dict(FileKind.choices).get(row.kind, row.kind)
            name = f"{folder}/{number:02d}-{files.safe_name(row.name) or 'file'}"
            with package.open(name, "w", force_zip64=True) as target:
                for part in files.stream(row.digest):
                    target.write(part)
    made.seek(0)
    audit.record(actor, "workflow.case.bundled", subject_kind="workflow.case", subject_id=case_id, path=case.path)
    return made


def _table(rows: Iterable[Sequence[Any]]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target).writerows([harmless(str(cell)) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")
