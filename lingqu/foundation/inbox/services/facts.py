"""Facts of modules below the inbox, told as messages; repeating one renews nothing that is known."""

from __future__ import annotations

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel.language import writing_to

from ..models import News
from .telling import tell

MODULE = "identity"


def tell_of_claim(claim_id: UUID, child_id: UUID) -> None:
    key = f"claim:{claim_id}"
    if News.objects.filter(module=MODULE, key=key).exists():
        return
    with writing_to():
        text = _("有家长认领了你班的学生，等你核对")
    for class_id, heads in registry.heads_of_child(child_id).items():
        tell(
            module=MODULE, key=key, to=[f"person:{one}" for one in heads], text=text, bundle="claims",
            url=reverse("identity:class_accounts", args=[class_id]),
        )  # fmt: skip


def tell_of_decision(claim_id: UUID, child_id: UUID, person_id: UUID | None, *, is_confirmed: bool) -> None:
    """Of a refusal nothing is said about the child: the claimant is not its guardian."""
    key = f"decision:{claim_id}"
    if person_id is None or News.objects.filter(module=MODULE, key=key).exists():
        return
    with writing_to():
        text = _("班主任已确认你的家长认领") if is_confirmed else _("班主任没有确认你的家长认领，如有疑问请联系班主任")
    tell(
        module=MODULE, key=key, to=[f"person:{person_id}"], text=text, url="/" if is_confirmed else "",
        about=child_id if is_confirmed else None,
    )  # fmt: skip
