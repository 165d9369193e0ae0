"""Addresses for calendar programs: made and revoked by their owner, readable by whoever has them.

The address is the row's id and a keyed mark over it: it cannot be guessed, nothing secret is stored, and it can be shown
again. A feed dies with the relation that it came from.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from hmac import compare_digest
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .. import register
from ..models import Feed

DOMAIN, MARK_BYTES, MOST_FEEDS = "timetable.feed", 18, 12


def token_of(feed_id: UUID) -> str:
    """The unguessable part of the address."""
    return _token(feed_id, crypto.mark(DOMAIN, [feed_id.bytes]))


def _token(feed_id: UUID, mark: bytes) -> str:
    return urlsafe_b64encode(feed_id.bytes + mark[:MARK_BYTES]).decode().rstrip("=")


def may_follow_class(person_id: UUID, class_id: UUID) -> bool:
    """Whether somebody teaches or heads the class, sits in it or has a child there."""
    facts = registry.relations_of(person_id)
    if facts.is_deceased:
        return False
    own = {fact.class_id for fact in (*facts.classes, *facts.head_classes, *facts.taught_classes)}
    if class_id in own:
        return True
    wards = [ward.person_id for ward in facts.wards]
    return bool(wards) and register.memberships().filter(
        person_id__in=[one for ward in wards for one in registry.ids_of(ward)], class_group_id=class_id, valid_to=None
    ).exists()  # fmt: skip


@transaction.atomic
def make_feed(*, actor: Actor, class_id: UUID | None = None) -> Feed:
    """A new address for one's own lessons (a teacher), or for a class one belongs to. Raises :class:`Forbidden` for
    anybody else's class, :class:`Invalid` beyond twelve open addresses."""
    if actor.person_id is None:
        raise Forbidden()
    if class_id is not None and not may_follow_class(actor.person_id, class_id):
        raise Forbidden()
    if Feed.objects.filter(owner_id=actor.person_id, revoked_at=None).count() >= MOST_FEEDS:
        raise Invalid(_("订阅地址最多 %(n)d 个，请先停用不用的。") % {"n": MOST_FEEDS}, code="too_many")
    feed = Feed.objects.create(owner_id=actor.person_id, class_group_id=class_id)
    audit.record(
        actor, "timetable.feed.made", subject_kind="person", subject_id=actor.person_id,
        data={"feed": str(feed.id), "class": str(class_id or "")},
    )  # fmt: skip
    return feed


@transaction.atomic
def revoke_feed(*, actor: Actor, feed_id: UUID) -> None:
    """End an address at once. Only its owner may; :class:`Conflict` when it was ended already."""
    owners = registry.ids_of(actor.person_id) if actor.person_id else ()
    feed = Feed.objects.select_for_update().filter(id=feed_id, owner_id__in=owners).first()
    if feed is None:
        raise Forbidden()
    if feed.revoked_at is not None:
        raise Conflict(_("这个地址已经停用。"), code="already_revoked")
    Feed.objects.filter(id=feed.id).update(revoked_at=now())
    audit.record(
        actor, "timetable.feed.revoked", subject_kind="person", subject_id=feed.owner_id, data={"feed": str(feed.id)}
    )


def open_feed(token: str) -> Feed:
    """The feed behind an address. :class:`NotFound` for a wrong, revoked or orphaned one, without saying which."""
    try:
        whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, Base64Error) as error:
        raise NotFound(_("没有这个日历地址，或者它已经停用。")) from error
    if len(whole) != 16 + MARK_BYTES:
        raise NotFound(_("没有这个日历地址，或者它已经停用。"))
    feed_id = UUID(bytes=whole[:16])
    feed = None
    if any(compare_digest(_token(feed_id, one), token) for one in crypto.all_marks(DOMAIN, [feed_id.bytes])):
        feed = Feed.objects.filter(id=feed_id, revoked_at=None).select_related("class_group__school").first()
    if feed is None or not _is_owed(feed):
        raise NotFound(_("没有这个日历地址，或者它已经停用。"))
    if feed.read_on != today():
        Feed.objects.filter(id=feed.id).update(read_on=today())
    return feed


def _is_owed(feed: Feed) -> bool:
    if feed.class_group_id is not None:
        return may_follow_class(feed.owner_id, feed.class_group_id)
    facts = registry.relations_of(feed.owner_id)
    return not facts.is_deceased and any(place.kind == "works_at" for place in facts.appointments)
