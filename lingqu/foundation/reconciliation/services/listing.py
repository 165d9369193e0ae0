"""The optional third list: children of school age, as the police or a street office gave it to the county."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.intake import api as intake
from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto, limits
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Invalid

from .. import policies
from ..models import ListedChild

MOST_CHILDREN = 300_000
MOST_BYTES = 64 << 20
HEADINGS = {
    "name": ("姓名", "儿童姓名", "学生姓名", "适龄儿童姓名"),
    "id_number": ("身份证号", "身份证件号", "证件号", "证件号码", "身份证号码", "公民身份号码"),
    "phone": ("监护人电话", "家长电话", "联系电话", "监护人手机", "手机", "电话", "监护人联系电话"),
}  # fmt: skip


def load_list(*, actor: Actor, path: str, uploaded: Any) -> int:
    """Replace the list of a place by the one in a file (name, ID number, guardian's phone); returns how many children.

    The next comparison takes it in. Raises :class:`Invalid` when no sheet has the columns or a row has no name.
    """
    policies.require_run(actor, path)
    limits.hit(f"reconciliation.list:{actor.account_id}", 20, 3600)
    if uploaded.size > MOST_BYTES:
        raise Invalid(_("文件太大，请拆分后再上传。"), code="too_large")
    with tempfile.NamedTemporaryFile(suffix=Path(uploaded.name).suffix[:8]) as held:
        for part in uploaded.chunks():
            held.write(part)
        held.flush()
        frame = intake.read_table(
            intake.ReadFile(name=uploaded.name, path=Path(held.name)), HEADINGS, required=("name", "id_number"),
            most=MOST_CHILDREN,
        )  # fmt: skip
    if frame is None:
        raise Invalid(_("没有找到“姓名”和“身份证号”两列。"), code="no_columns")
    rows = [row for row in frame.iter_rows(named=True) if any((row["name"], row["id_number"]))]
    if len(rows) > MOST_CHILDREN:
        raise Invalid(_("名单超过 %(n)d 人，请按县区上传。") % {"n": MOST_CHILDREN}, code="too_many")
    nameless = next((row["row_number"] for row in rows if not row["name"]), None)
    if nameless is not None:
        raise Invalid(_("第 %(row)d 行没有姓名。") % {"row": nameless}, code="no_name")
    return _replace(actor, path, rows)


@transaction.atomic
def _replace(actor: Actor, path: str, rows: list[dict[str, Any]]) -> int:
    organisation = registry.organisation_at(path)
    ids = [str(row["id_number"]).replace(" ", "").upper() for row in rows]
    blinds = crypto.blind_all("id", ids)
    keys = registry.name_keys([row["name"] for row in rows])
    sealed = crypto.seal_all([{"guardian_phone": str(row["phone"])} for row in rows])
    ListedChild.objects.filter(path=path).delete()
    ListedChild.objects.bulk_create(
        [
            ListedChild(
                organisation=organisation, path=path, name=str(row["name"])[:60], name_key=key[0], id_blind=blind,
                id_shown=f"{number[:3]}****{number[-3:]}" if len(number) > 8 else "", sealed=seal, loaded_by=actor.name,
            )
            for row, number, blind, key, seal in zip(rows, ids, blinds, keys, sealed, strict=True)
        ],
        batch_size=2000,
    )  # fmt: skip
    audit.record(actor, "reconciliation.list.loaded", subject_kind="organisation", subject_id=organisation.id, path=path,
                 data={"children": len(rows)})  # fmt: skip
    return len(rows)
