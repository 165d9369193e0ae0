"""岗位: setting them up, handing them over, closing them. What is addressed to a post stays with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, changes, events
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid

from .. import policies
from ..models import Appointment, Organisation, Person, Post, PostHolder
from ..selectors.posts import kinds_for
from ..types import rights
from ..types.events import RelationsChanged
from ..types.words import PostPlace
from .facts import locked_organisation, require_day


@transaction.atomic
def set_up_post(
    *, actor: Actor, organisation_id: UUID, kind: str, phone: str = "", holders: Mapping[str, UUID] | None = None
) -> UUID:
    """Open a post of a kind, held from today by ``holders`` (A 角, B 角 → person).

    Raises :class:`Conflict` when the organisation has one already.
    """
    organisation = locked_organisation(organisation_id)
    policies.require_edit_organisation(actor, organisation)
    if kind not in dict(kinds_for(organisation.kind)):
        raise Invalid(_("这个机构没有这种岗位。"), code="unknown_kind", details={"kind": _("这个机构没有这种岗位。")})
    if organisation.closed_on is not None:
        raise Conflict(_("机构已经撤并。"), code="closed")
    if Post.objects.filter(organisation=organisation, kind=kind, closed_on=None).exists():
        raise Conflict(_("这个岗位已经有了。"), code="already_there", details={"kind": _("这个岗位已经有了。")})
    made = Post.objects.create(organisation=organisation, kind=kind, phone=phone.strip())
    _trace(actor, "registry.post.opened", made)
    for place, person_id in (holders or {}).items():
        hand_over(actor=actor, post_id=made.id, place=place, person_id=person_id, on=today())
    return made.id


@transaction.atomic
def hand_over(*, actor: Actor, post_id: UUID, place: str, person_id: UUID | None, on: date) -> None:
    """Give a place of a post (A 角, B 角) to a person of the organisation from a day on; nobody (None) leaves it vacant.

    Notices and to-dos stay with the post. Raises :class:`Invalid` for somebody who does not work there.
    """
    post = _locked(actor, post_id)
    if place not in PostPlace.values:
        raise Invalid(_("岗位只有 A 角和 B 角。"), code="unknown_place")
    former = PostHolder.objects.filter(post=post, place=place, valid_to=None).first()
    require_day(on, not_before=former.valid_from if former else None)
    person = _worker(post, person_id) if person_id else None
    if former is not None and person is not None and former.person_id == person.id:
        raise Conflict(_("现在就是这个人。"), code="same", details={"person": _("现在就是这个人。")})
    if former is not None and former.valid_from >= on:
        former.delete()
    elif former is not None:
        PostHolder.objects.filter(id=former.id).update(valid_to=on)
    if person is not None:
        PostHolder.objects.create(post=post, person=person, place=place, valid_from=on)
    told = tuple(one for one in (former.person_id if former else None, person.id if person else None) if one)
    _trace(actor, "registry.post.handed_over", post, {"place": place, "people": [str(one) for one in told]})
    if told:
        events.publish(RelationsChanged(person_ids=told))


@transaction.atomic
def set_post_phone(*, actor: Actor, post_id: UUID, phone: str) -> None:
    """The phone by which the post is called, whoever holds it."""
    post = _locked(actor, post_id)
    Post.objects.filter(id=post.id).update(phone=phone.strip())
    _trace(actor, "registry.post.phone_changed", post)


@transaction.atomic
def close_post(*, actor: Actor, post_id: UUID) -> None:
    """End a post and whoever holds it; what was addressed to it stays readable for those who administer it."""
    post = _locked(actor, post_id)
    held = PostHolder.objects.filter(post=post, valid_to=None)
    people = tuple(held.values_list("person_id", flat=True))
    held.filter(valid_from__gte=today()).delete()
    held.update(valid_to=today())
    Post.objects.filter(id=post.id).update(closed_on=today())
    _trace(actor, "registry.post.closed", post)
    if people:
        events.publish(RelationsChanged(person_ids=people))


FROM_DUTIES_SQL = """
WITH wanted AS (SELECT * FROM unnest(%(kinds)s::text[], %(duties)s::text[]) AS w(kind, duty)),
one AS (
  SELECT DISTINCT ON (o.id, w.kind) o.id AS organisation_id, w.kind, d.person_id, o.phone
  FROM registry_organisation o JOIN wanted w ON true
  JOIN registry_duty d ON d.organisation_id = o.id AND d.kind = w.duty AND d.valid_to IS NULL
  JOIN registry_person p ON p.id = d.person_id AND p.deceased_on IS NULL
  WHERE o.path >= %(path)s::ltree AND o.path < %(end)s::ltree AND o.closed_on IS NULL AND o.kind = ANY(%(places)s)
    AND NOT EXISTS (SELECT 1 FROM registry_post q WHERE q.organisation_id = o.id AND q.kind = w.kind AND q.closed_on IS NULL)
    AND EXISTS (SELECT 1 FROM registry_appointment a WHERE a.organisation_id = o.id AND a.person_id = d.person_id
                AND a.valid_to IS NULL AND a.relation = 'works_at')
  ORDER BY o.id, w.kind, d.id),
made AS (
  INSERT INTO registry_post (id, organisation_id, kind, phone)
  SELECT uuidv7(), organisation_id, kind, phone FROM one RETURNING id, organisation_id, kind)
INSERT INTO registry_postholder (post_id, person_id, place, valid_from)
SELECT made.id, one.person_id, 'a', %(day)s FROM made JOIN one USING (organisation_id, kind)
RETURNING post_id, person_id
"""


@transaction.atomic
def set_up_posts(*, actor: Actor, path: str, by_duty: Mapping[str, str], places: tuple[str, ...]) -> int:
    """For organisations of these kinds in a subtree: open the posts (kind → duty) they lack, held by whoever has the duty.

    Set-based; places without such a person stay without the post. Returns how many posts were opened.
    """
    if not actor.holds(rights.ORGANISATION_EDIT, path):
        raise Forbidden()
    with connection.cursor() as cursor:
        cursor.execute(
            FROM_DUTIES_SQL,
            {
                "kinds": list(by_duty), "duties": list(by_duty.values()), "path": path, "end": f"{path}-",
                "places": list(places), "day": today(),
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    if rows:
        audit.record(actor, "registry.posts.opened", subject_kind="organisation", path=path, data={"posts": len(rows)})
        changes.log("registry.post", [row[0] for row in rows], "c")
        events.publish(RelationsChanged(person_ids=tuple({row[1] for row in rows})))
    return len(rows)


def _locked(actor: Actor, post_id: UUID) -> Post:
    post = (
        Post.objects.select_for_update(of=("self",)).select_related("organisation")
        .filter(id=post_id, closed_on=None).first()
    )  # fmt: skip
    if post is None:
        raise Forbidden()
    policies.require_edit_organisation(actor, post.organisation)
    return post


def _worker(post: Post, person_id: UUID) -> Person:
    found = Person.objects.filter(id=person_id, deceased_on=None).first()
    ids = {person_id, *([found.canonical_id] if found and found.canonical_id else [])}
    works = Appointment.objects.filter(
        person_id__in=ids, organisation_id=post.organisation_id, valid_to=None, relation="works_at"
    ).exists()  # fmt: skip
    if found is None or not works:
        told = _("这个人不在%(place)s工作。") % {"place": post.organisation.name}
        raise Invalid(told, code="works_elsewhere", details={"person": told})
    return found


def _trace(actor: Actor, action: str, post: Post, data: dict[str, object] | None = None) -> None:
    place: Organisation = post.organisation
    audit.record(
        actor, action, subject_kind="organisation", subject_id=place.id, path=str(place.path),
        data={"post": str(post.id), "kind": post.kind, **(data or {})},
    )  # fmt: skip
    changes.log("registry.post", [post.id])
