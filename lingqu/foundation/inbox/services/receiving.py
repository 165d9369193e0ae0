"""What receivers do: reading, 签收 or confirming for a child, passing on inside the own organisation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, changes, clock, events, limits, live
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import register
from ..models import NoticeTarget, Receipt, Step
from ..selectors.reading import Hit, Opened, open_notice
from ..types.events import NoticeConfirmed
from ..types.keys import Address, topic_of
from ..types.words import Audience, StepKind, Subject, Way
from .filing import keep_file
from .publishing import tell_keys

LONGEST_NOTE = 500


def mark_read(opened: Opened) -> None:
    """Note that the reader has seen it, once for each post and child; two at once write one row."""
    fresh = [hit for hit in opened.hits if hit.read_at is None and hit.is_valid]
    Receipt.objects.bulk_create(
        [
            Receipt(
                notice=opened.notice, kind=hit.kind, post_id=hit.owner if hit.kind == Subject.POST else None,
                person_id=None if hit.kind == Subject.POST else hit.owner, read_at=clock.now(),
            )
            for hit in fresh
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    if fresh:
        live.tell_each((topic_of(f"{hit.kind}:{hit.owner}") for hit in fresh), opened.notice.id)


@transaction.atomic
def confirm(*, actor: Actor, notice_id: UUID, owner: UUID, note: str = "", uploaded: Any = None) -> None:
    """签收 for a post, or confirm for a child or oneself, with a word and a file if wanted.

    Once is enough for a child: whoever comes second is told who was first (:class:`Conflict`).
    """
    limits.hit(f"inbox.confirm:{actor.account_id}", 300, 3600)
    opened = open_notice(actor, notice_id)
    hit = _own_hit(opened, owner)
    if not hit.is_valid:
        raise Conflict(_("这份通知已经撤回或更正，不用再确认。"), code="not_valid")
    receipt = locked_receipt(opened, hit)
    if receipt.confirmed_at is not None:
        raise Conflict(_("%(name)s已经确认过了。") % {"name": receipt.by_name}, code="confirmed")
    receipt.confirmed_at, receipt.way, receipt.by_name = clock.now(), Way.ONLINE, actor.name
    receipt.note = note.strip()[:LONGEST_NOTE]
    receipt.save(update_fields=["confirmed_at", "way", "by_name", "note"])
    if uploaded is not None:
        keep_file(actor=actor, notice=opened.notice, receipt=receipt, uploaded=uploaded)
    audit.record(
        actor, "inbox.notice.confirmed", subject_kind="inbox.notice", subject_id=notice_id,
        path=str(opened.notice.path), data={"kind": hit.kind, "for": str(hit.owner)},
    )  # fmt: skip
    changes.log("inbox.receipt", [receipt.id])
    events.publish(NoticeConfirmed(notice_id=notice_id, subject_id=hit.owner))


@transaction.atomic
def pass_on(
    *, actor: Actor, notice_id: UUID, post_id: UUID, kind: str, text: str = "", to_post: UUID | None = None,
    to_person: UUID | None = None,
) -> None:  # fmt: skip
    """转办 to another post, 传阅 to a person, or a 批示 in words, by a holder of a post that received the notice.

    Whoever it goes to sees the notice and confirms for themselves. Raises :class:`Invalid` for people and posts of
    another organisation.
    """
    opened = open_notice(actor, notice_id)
    hit = _own_hit(opened, post_id)
    if hit.kind != Subject.POST:
        raise Forbidden()
    if not hit.is_valid:
        raise Conflict(_("这份通知已经撤回或更正。"), code="not_valid")
    post = next(one for one in opened.reader.belonging.posts if one.id == post_id)
    words = text.strip()[:LONGEST_NOTE]
    if kind == StepKind.INSTRUCT and not words:
        raise Invalid(_("请写批示的内容。"), code="no_words", details={"text": _("请写批示的内容。")})
    if kind not in StepKind.values or (kind != StepKind.INSTRUCT and not (to_post or to_person)):
        raise Invalid(_("请选择交给谁。"), code="nobody", details={"to": _("请选择交给谁。")})
    if to_post or to_person:
        _hand_to(opened, post, locked_receipt(opened, hit), to_post, to_person)
    Step.objects.create(
        notice=opened.notice, organisation_id=post.organisation_id, kind=kind, to_post_id=to_post,
        to_person_id=to_person, text=words, by_name=actor.name, at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, f"inbox.notice.{kind}", subject_kind="inbox.notice", subject_id=notice_id, path=post.path,
        data={"post": str(to_post or ""), "person": str(to_person or "")},
    )  # fmt: skip


def _hand_to(
    opened: Opened, post: registry.HeldPost, receipt: Receipt, to_post: UUID | None, to_person: UUID | None
) -> None:
    if to_post is not None:
        known = register.posts().filter(id=to_post, organisation_id=post.organisation_id, closed_on=None).exists()
    else:
        known = register.people().filter(
            id=to_person, deceased_on=None, appointments__organisation_id=post.organisation_id,
            appointments__valid_to=None,
        ).exists()  # fmt: skip
    if not known:
        raise Invalid(
            _("只能交给本单位的岗位或人。"), code="elsewhere", details={"to": _("只能交给本单位的岗位或人。")}
        )
    address = Address(audience=Audience.POST if to_post else Audience.PERSON, post_id=to_post, person_id=to_person)
    NoticeTarget.objects.bulk_create(
        [
            NoticeTarget(
                notice=opened.notice, audience=address.audience, post_id=to_post, person_id=to_person, key=address.key,
                published_at=clock.now(), handed_by=receipt,
            )
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    tell_keys([address.key], opened.notice.id)


def _own_hit(opened: Opened, owner: UUID) -> Hit:
    found = next((hit for hit in opened.hits if hit.owner == owner), None)
    if found is None:
        raise Forbidden()
    return found


def locked_receipt(opened: Opened, hit: Hit) -> Receipt:
    """The receipt of one of the reader's posts or children, made if there is none, locked. Of doubles that were merged
    later, the one that is confirmed."""
    mark_read(opened)
    ids = [one for owner, one in opened.reader.aliases if owner == hit.owner]
    rows = Receipt.objects.select_for_update().filter(notice=opened.notice, kind=hit.kind, subject__in=ids)
    found = sorted(rows, key=lambda row: (row.confirmed_at is None, row.id))
    return found[0]
