"""Notices before they are published: words, addresses, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit
from lingqu.kernel.actor import Actor, covers
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies, register
from ..models import Notice, NoticeTarget
from ..types.keys import Address
from ..types.words import PUPIL_GRADES, Audience, NoticeState

MOST_LINES = 60
LONGEST_TITLE, LONGEST_TEXT = 100, 8000


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a notice says. Lines of the text are paragraphs."""

    title: str
    text: str
    needs_confirmation: bool = True
    deadline: datetime | None = None
    remind_before: int | None = None
    """Days before the deadline; None: nobody is reminded without the sender."""
    is_urgent: bool = False


@transaction.atomic
def create_draft(
    *,
    actor: Actor,
    words: Words,
    addresses: Sequence[Address],
    post_id: UUID | None = None,
    class_id: UUID | None = None,
) -> UUID:
    """A draft in the name of a post that the actor may send for, or of the head of a class.

    Raises :class:`Invalid` for missing words and for addresses outside the sender's own subtree or class.
    """
    sender = _sender(actor, post_id, class_id)
    notice = Notice(author=actor.name, **sender)
    _write(notice, words)
    notice.save(force_insert=True)
    _address(notice, addresses)
    audit.record(
        actor, "inbox.notice.drafted", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path)
    )
    return notice.id


@transaction.atomic
def change_draft(*, actor: Actor, notice_id: UUID, words: Words, addresses: Sequence[Address]) -> None:
    """Other words and addresses. Raises :class:`Conflict` once it is published."""
    notice = locked_notice(actor, notice_id)
    require_draft(notice)
    _write(notice, words)
    notice.save()
    notice.targets.all().delete()
    _address(notice, addresses)
    audit.record(
        actor, "inbox.notice.changed", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path)
    )


@transaction.atomic
def discard_draft(*, actor: Actor, notice_id: UUID) -> None:
    """Give up a draft; nobody has seen it."""
    notice = locked_notice(actor, notice_id)
    require_draft(notice)
    audit.record(
        actor, "inbox.notice.discarded", subject_kind="inbox.notice", subject_id=notice.id, path=str(notice.path)
    )
    notice.delete()


@transaction.atomic
def draft_correction(*, actor: Actor, notice_id: UUID) -> UUID:
    """A draft that will replace a published notice: same sender, words and addresses to begin with."""
    former = locked_notice(actor, notice_id)
    if former.state != NoticeState.PUBLISHED or former.corrections.filter(state=NoticeState.PUBLISHED).exists():
        raise Conflict(_("只有现行有效的通知可以更正。"), code="not_valid")
    open_one = former.corrections.filter(state=NoticeState.DRAFT).first()
    if open_one is not None:
        return open_one.id
    made = Notice.objects.create(
        organisation_id=former.organisation_id, path=former.path, post_id=former.post_id,
        class_group_id=former.class_group_id, title=former.title, text=former.text, deadline=former.deadline,
        needs_confirmation=former.needs_confirmation, remind_before=former.remind_before, is_urgent=former.is_urgent,
        corrects=former, author=actor.name,
    )  # fmt: skip
    for target in former.targets.filter(handed_by=None):
        target.pk, target.notice, target.published_at = None, made, None
        target.save(force_insert=True)
    audit.record(
        actor, "inbox.notice.drafted", subject_kind="inbox.notice", subject_id=made.id, path=str(made.path),
        data={"corrects": str(former.id)},
    )  # fmt: skip
    return made.id


def locked_notice(actor: Actor, notice_id: UUID) -> Notice:
    """The notice, locked, for whoever may manage it; refused alike for others and where there is none."""
    notice = Notice.objects.select_for_update().filter(id=notice_id).first()
    if notice is None:
        raise Forbidden()
    policies.require_manage(actor, notice)
    return notice


def require_draft(notice: Notice) -> None:
    if notice.state != NoticeState.DRAFT:
        raise Conflict(_("通知已经发布，不能再改；要改请发更正。"), code="published")


def _sender(actor: Actor, post_id: UUID | None, class_id: UUID | None) -> dict[str, Any]:
    if class_id is not None:
        group = register.classes().select_related("school").filter(id=class_id).first()
        if group is None or not policies.may_send_to_class(actor, class_id):
            raise Forbidden()
        return {"class_group": group, "organisation": group.school, "path": group.school.path}
    post = register.posts().select_related("organisation").filter(id=post_id, closed_on=None).first()
    if post is None or not policies.may_send_at(actor, str(post.organisation.path)):
        raise Forbidden()
    return {"post": post, "organisation": post.organisation, "path": post.organisation.path}


def _write(notice: Notice, words: Words) -> None:
    title, text = " ".join(words.title.split()), words.text.strip()
    wrong = {
        **({"title": _("请填写标题。")} if not title else {}),
        **({"title": _("标题最多 %(n)d 个字。") % {"n": LONGEST_TITLE}} if len(title) > LONGEST_TITLE else {}),
        **({"text": _("请填写正文。")} if not text else {}),
        **({"text": _("正文最多 %(n)d 个字。") % {"n": LONGEST_TEXT}} if len(text) > LONGEST_TEXT else {}),
    }
    if words.remind_before is not None and not (words.deadline and words.needs_confirmation):
        wrong["remind_before"] = _("自动提醒要有截止时间，并且须确认。")
    if wrong:
        raise Invalid(next(iter(wrong.values())), code="bad_words", details=wrong)
    notice.title, notice.text = title, text
    notice.needs_confirmation, notice.deadline = words.needs_confirmation, words.deadline
    notice.remind_before, notice.is_urgent = words.remind_before, words.is_urgent


def _address(notice: Notice, addresses: Sequence[Address]) -> None:
    """Write the lines, each checked against where the sender stands."""
    if len(addresses) > MOST_LINES:
        raise Invalid(_("收件范围最多 %(n)d 项。") % {"n": MOST_LINES}, code="too_many_lines")
    NoticeTarget.objects.bulk_create(checked_targets(notice, addresses))


def checked_targets(notice: Notice, addresses: Sequence[Address]) -> list[NoticeTarget]:
    """Unsaved target rows; :class:`Forbidden` for anything outside the sender's subtree or class."""
    made: dict[str, NoticeTarget] = {}
    _require_pupils_old_enough(addresses)
    for one in addresses:
        label = _checked_place(notice, one)
        whole = Address(
            audience=one.audience, organisation_id=one.organisation_id, label=label, code=one.code,
            school_type=one.school_type, class_id=one.class_id, post_id=one.post_id, person_id=one.person_id,
        )  # fmt: skip
        made[whole.key] = NoticeTarget(
            notice=notice, audience=one.audience, organisation_id=one.organisation_id, code=one.code,
            school_type=one.school_type, class_group_id=one.class_id, post_id=one.post_id, person_id=one.person_id,
            key=whole.key,
        )  # fmt: skip
    return list(made.values())


def _require_pupils_old_enough(addresses: Sequence[Address]) -> None:
    pupils = [one for one in addresses if one.audience == Audience.PUPIL]
    classes = {one.class_id for one in pupils if one.class_id}
    known = register.classes().filter(id__in=classes, grades__overlap=list(PUPIL_GRADES)).count() if classes else 0
    if known < len(classes) or any(one.code and one.code not in PUPIL_GRADES for one in pupils):
        raise Invalid(_("学生本人从四年级起收通知，更小的孩子请发给家长。"), code="too_young")


def _checked_place(notice: Notice, one: Address) -> str:
    """The label of the place of an address that the sender may use."""
    own = str(notice.path)
    if notice.class_group_id is not None:
        if one.class_id != notice.class_group_id:
            raise Forbidden(_("班主任只给本班家长和学生发通知。"))
        return ""
    if one.class_id is not None:
        found = register.classes().filter(id=one.class_id).values_list("school__path", flat=True).first()
        paths = [str(found)] if found else []
    elif one.post_id is not None:
        found = register.posts().filter(id=one.post_id, closed_on=None).values_list("organisation__path", flat=True)
        paths = list(map(str, found))
    elif one.person_id is not None:
        works = register.people().filter(id=one.person_id, deceased_on=None, appointments__valid_to=None)
        paths = list(map(str, works.exclude(appointments=None).values_list("appointments__path", flat=True)))
    else:
        place = register.organisations().filter(id=one.organisation_id, closed_on=None).first()
        paths = [str(place.path)] if place else []
        if place and one.audience in Audience.values and covers(own, str(place.path)):
            return str(place.label)
    if not any(covers(own, path) for path in paths):
        raise Forbidden(_("收件范围超出了本单位。"))
    return ""
