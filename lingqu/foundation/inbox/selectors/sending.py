"""What a sender may send for, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.pages import Page, merge_branches

from .. import policies, register
from ..models import Notice, NoticeTarget
from ..types import rights
from ..types.words import PUPIL_GRADES, STAFF_GROUPS, Audience, NoticeState

PLACES_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A post that somebody holds, or a class that somebody heads. ``code`` stands in addresses of pages."""

    code: str
    title: str
    organisation: Any
    post_id: UUID | None = None
    class_id: UUID | None = None


def list_senders(actor: Actor) -> tuple[Sender, ...]:
    """Everything the actor may send for: held posts, then own classes."""
    posts = registry.belonging_of(actor.person_id).posts if actor.person_id else ()
    known = {one.id: one for one in register.organisations().filter(id__in=[post.organisation_id for post in posts])}
    groups = register.classes().filter(id__in=actor.things(rights.SEND, "class"), closed_on=None)
    return (
        *(
            Sender(code=f"post-{post.id}", title=post.title, organisation=known[post.organisation_id], post_id=post.id)
            for post in posts
            if policies.may_send_at(actor, post.path)
        ),
        *(
            Sender(code=f"class-{one.id}", title=one.name, organisation=one.school, class_id=one.id)
            for one in groups.select_related("school").order_by("name")
        ),
    )


def get_sender(actor: Actor, code: str) -> Sender:
    """One of them by code; :class:`Forbidden` for any other."""
    found = next((one for one in list_senders(actor) if one.code == code), None)
    if found is None:
        raise Forbidden()
    return found


def sender_of(actor: Actor, notice: Notice) -> Sender:
    """The sender of a draft, for whoever may change it."""
    policies.require_manage(actor, notice)
    post, group = notice.post, notice.class_group
    if group is not None:
        return Sender(
            code=f"class-{group.id}", title=group.name, organisation=notice.organisation, class_id=group.id
        )  # fmt: skip
    assert post is not None
    title = f"{notice.organisation.name} · {registry.code_label('post_kinds', post.kind)}"
    return Sender(code=f"post-{post.id}", title=title, organisation=notice.organisation, post_id=post.id)


def _found(notice_id: UUID) -> Notice:
    rows = Notice.objects.select_related("organisation", "post", "class_group__school", "corrects")
    notice = rows.filter(id=notice_id).first()
    if notice is None:
        raise Forbidden()
    return notice


def get_managed(actor: Actor, notice_id: UUID) -> Notice:
    """A notice for whoever may change, publish or withdraw it."""
    notice = _found(notice_id)
    policies.require_manage(actor, notice)
    return notice


def get_followed(actor: Actor, notice_id: UUID) -> tuple[Notice, policies.Reach]:
    """A published notice and whose receipts the actor sees of it; a draft only for whoever manages it."""
    notice = _found(notice_id)
    if notice.state == NoticeState.DRAFT:
        policies.require_manage(actor, notice)
    return notice, policies.require_follow(actor, notice)


def list_sent(actor: Actor, *, cursor: str = "") -> Page[Notice]:
    """Notices of the actor's places and classes, newest first; drafts only of what the actor may send for."""
    rows = Notice.objects.select_related("organisation", "post", "class_group")
    public = rows.exclude(state=NoticeState.DRAFT)
    branches = [rows.filter(path__within=path) for path in actor.paths(rights.SEND)]
    branches += [public.filter(path__within=path) for path in actor.paths(rights.FOLLOW)]
    if classes := actor.things(rights.SEND, "class"):
        branches.append(rows.filter(class_group_id__in=classes))
    if keys := _keys_from_above(actor):
        reached = NoticeTarget.objects.filter(key__in=keys, published_at__isnull=False, handed_by=None)
        branches.append(public.filter(id__in=reached.values("notice_id")))
    if not branches:
        raise Forbidden()
    page = merge_branches(branches, order=("-id",), cursor=cursor, limit=30)
    return page.showing(one for one in page if one.state != NoticeState.DRAFT or policies.may_manage(actor, one))


def _keys_from_above(actor: Actor) -> list[str]:
    """Addresses of families and pupils that take in the classes and schools whose receipts the actor follows."""
    names = ("family", "pupil")
    labels = [label for path in actor.paths(rights.FOLLOW) for label in path.split(".")]
    found = {f"{name}@{label}" for name in names for label in labels}
    groups = register.classes().filter(id__in=actor.things(rights.FOLLOW, "class"))
    for class_id, grades, path in groups.values_list("id", "grades", "school__path"):
        found |= {f"class:{class_id}", f"pupil:{class_id}"}
        places = [f"{name}{suffix}" for name in names for suffix in ("", *(f":{grade}" for grade in grades))]
        found |= {f"{place}@{label}" for place in places for label in str(path).split(".")}
    return sorted(found)


def places_of(sender: Sender) -> list[tuple[str, str]]:
    """(code, name) of the sender's organisation and of the offices directly below it."""
    own = sender.organisation
    below = register.organisations().filter(parent=own, closed_on=None).exclude(kind__in=("school", "teaching_point"))
    rows = below.exclude(code=None).order_by("sort_order", "name_key")[:PLACES_SHOWN]
    return [(own.code, own.name), *((one.code, one.name) for one in rows)]


def classes_of(sender: Sender) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(id, name) of the classes of a school that sends, or of the one class whose head sends; then of those among them
    whose pupils have notices of their own. One statement."""
    rows = register.classes().filter(
        school=sender.organisation, closed_on=None, school_year_id=registry.current_school_year()
    )
    if sender.class_id:
        rows = rows.filter(id=sender.class_id)
    known = list(rows.order_by("grades", "serial", "name").values_list("id", "name", "grades"))
    old = [(str(one), name) for one, name, grades in known if set(grades) & set(PUPIL_GRADES)]
    return [(str(one), name) for one, name, _grades in known], old


def describe(targets: Iterable[Any]) -> list[str]:
    """The lines of addresses in words; targets with organisation, class, post and person selected."""
    groups = dict(STAFF_GROUPS)
    found = []
    for one in targets:
        place = one.organisation.name if one.organisation else ""
        if one.class_group is not None:
            found.append(f"{one.class_group.name} · {Audience(one.audience).label}")
        elif one.post is not None:
            found.append(f"{one.post.organisation.name} · {registry.code_label('post_kinds', one.post.kind)}")
        elif one.person is not None:
            found.append(one.person.name)
        elif one.audience == Audience.POST:
            kind = registry.code_label("school_types", one.school_type) if one.school_type else ""
            found.append(" · ".join(filter(None, (place, kind, registry.code_label("post_kinds", one.code)))))
        elif one.audience == Audience.STAFF:
            found.append(f"{place} · {groups[one.code]}")
        else:
            grade = registry.grade_label(one.code) if one.code else ""
            found.append(" · ".join(filter(None, (place, grade, str(Audience(one.audience).label)))))
    return found


def lines_of(notice: Notice) -> list[str]:
    """Whom a notice was addressed to, in words."""
    rows = notice.targets.filter(handed_by=None).order_by("id")
    return describe(rows.select_related("organisation", "class_group", "post__organisation", "person"))
