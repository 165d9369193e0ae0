"""Files beside cases: what they are decides their content, not their name."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from lingqu.foundation.inbox import api as inbox
from lingqu.kernel import files
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Invalid

from ..models import Case, CaseFile, Task
from ..types.words import FileKind

MOST_BYTES, MOST_FILES = 20 << 20, 60


def keep(
    actor: Actor, case: Case, uploaded: Any, *, kind: FileKind, task: Task | None = None, field: str = ""
) -> CaseFile:
    """Keep a file with a case. Raises :class:`Invalid` for other kinds, empty and big ones."""
    name = files.safe_name(uploaded.name) or "file"
    if not 0 < uploaded.size <= MOST_BYTES:
        raise Invalid(
            _("附件不能是空的，也不能超过 %(size)s。") % {"size": files.text_of_size(MOST_BYTES)}, code="bad_size"
        )
    media = inbox.media_of(name, uploaded)
    if not media:
        raise Invalid(
            _("只收 PDF、图片和 Office、WPS 文件，并且不能带宏；%(name)s 不是，或内容和后缀不符。") % {"name": name},
            code="bad_kind",
        )
    if CaseFile.objects.filter(case=case).count() >= MOST_FILES:
        raise Conflict(_("最多 %(n)d 个附件。") % {"n": MOST_FILES}, code="too_many_files")
    stored = files.put(uploaded, max_bytes=MOST_BYTES)
    files.attach(stored.digest, owner_kind="workflow.case", owner_id=case.id, name=name)
    return CaseFile.objects.create(
        case=case, task=task, node=task.node if task else "", field=field, kind=kind, digest=stored.digest, name=name,
        size=stored.size, media_type=media, person_id=actor.person_id, added_by=actor.name,
    )  # fmt: skip
