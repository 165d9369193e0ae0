"""Class cards: a printed QR code that stands for a pupil inside an open class code. A lost one is revoked."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Invalid, NotFound
from lingqu.kernel.language import writing_to

from .. import policies, register
from ..documents.cards import Card, as_pdf
from ..models import Account, ClassCard, ClassSession
from ..selectors import classroom as reading
from .slips import Printed


class CardUnusable(NotFound):
    """Unknown, revoked, or of another class: one answer for all."""

    code = "card_unusable"

    def __init__(self) -> None:
        super().__init__(_("这张班级卡在这里不能用：可能已作废，或者不是这个班的。请用学号和密码，或请老师帮忙。"))


def print_cards(*, actor: Actor, class_id: UUID, account_ids: frozenset[UUID] | None = None) -> Printed:
    """Cards of a class, or of some of its pupils. Printing a pupil's card revokes the former one."""
    group = register.get_class(class_id)
    require(policies.may_print_slips(actor, group))
    pupils = reading.pupils_of(group).values_list("id", "person__name", "person__class_memberships__number")
    wanted = sorted(
        {row[0]: row for row in pupils if account_ids is None or row[0] in account_ids}.values(),
        key=lambda row: (row[2] or 10_000, row[1]),
    )
    if not wanted:
        raise Invalid(_("这个班没有可以印卡的学生。"), code="nothing_to_print")
    made = [secrets.token_hex(16).upper() for _pupil in wanted]
    with transaction.atomic(), writing_to():
        ids = [row[0] for row in wanted]
        ClassCard.objects.filter(account__in=ids, revoked_at=None).update(revoked_at=clock.now())
        ClassCard.objects.bulk_create(
            ClassCard(account_id=row[0], code_hash=_digest(code), made_by=actor.name)
            for row, code in zip(wanted, made, strict=True)
        )
        audit.record(
            actor, "identity.cards.printed", subject_kind="class", subject_id=group.id, path=str(group.school.path),
            data={"pupils": len(wanted)},
        )  # fmt: skip
        title = _("%(school)s %(class)s 班级卡") % {"school": group.school.name, "class": group.name}
        cards = tuple(
            Card(name=row[1], line=_line(group, row[2]), address=_address(code))
            for row, code in zip(wanted, made, strict=True)
        )
        pdf = as_pdf(title, group.school.name, cards)
    return Printed(pdf=pdf, name=f"{title}.pdf", people=len(cards))


def revoke(*, actor: Actor, class_id: UUID, account_id: UUID) -> None:
    """A lost card signs nobody in any more."""
    group = register.get_class(class_id)
    require(policies.may_print_slips(actor, group))
    if not reading.pupils_of(group).filter(id=account_id).exists():
        raise NotFound
    with transaction.atomic():
        if ClassCard.objects.filter(account=account_id, revoked_at=None).update(revoked_at=clock.now()):
            audit.record(
                actor, "identity.card.revoked", subject_kind="account", subject_id=account_id,
                path=str(group.school.path),
            )  # fmt: skip


def find_holder(*, room: ClassSession, typed: str) -> Account:
    """Whose card it is, in a lesson of the holder's class. ``typed`` is what a scanner wrote: the address or its end."""
    code = "".join(sign for sign in typed.rpartition("=")[2].upper() if sign.isalnum())[:64]
    card = ClassCard.objects.filter(code_hash=_digest(code), revoked_at=None).first() if code else None
    found: Account | None = None
    if card is not None:
        found = reading.pupils_of(room.class_group).filter(id=card.account_id).select_related("person").first()
    if found is None:
        raise CardUnusable
    return found


def _digest(code: str) -> UUID:
    return crypto.blind("class_card", code)


def _address(code: str) -> str:
    return f"{settings.PUBLIC.geturl()}/class-code?card={code}"


def _line(group: Any, number: int | None) -> str:
    return f"{group.name} · " + _("班内学号 %(number)d") % {"number": number} if number else str(group.name)
