"""Forms about the posts of an organisation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today
from lingqu.kernel.errors import Forbidden, Invalid

from .. import policies
from ..models import Post
from ..selectors import tree
from ..selectors.labels import label
from ..selectors.places import find_person
from ..selectors.posts import KINDS, find_post, kinds_for, list_staff
from ..services import posts
from ..types import rights
from ..types.words import PostPlace
from .acting import act
from .write_forms import day_field

PHONE = r"[0-9+\- ()（）转]{5,30}"


class PhoneForm(forms.Form):
    phone = forms.RegexField(
        label=gettext_lazy("联系电话"), regex=PHONE, required=False, max_length=30,
        help_text=gettext_lazy("办公电话，不随人变"),
    )  # fmt: skip


class PostForm(PhoneForm):
    """A new post with whoever takes it."""

    field_order = ("kind", "a", "b", "phone")
    kind = forms.ChoiceField(label=gettext_lazy("岗位"))
    a = forms.ChoiceField(label=gettext_lazy("A 角"), required=False)
    b = forms.ChoiceField(label=gettext_lazy("B 角"), required=False)

    def __init__(self, *args: Any, kinds: Iterable[tuple[str, str]], staff: Iterable[tuple[str, str]], **more: Any):
        super().__init__(*args, **more)
        people = [("", gettext_lazy("暂缺")), *staff]
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]
        for name in ("a", "b"):
            self.fields[name].choices = people  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    place = forms.ChoiceField(label=gettext_lazy("位置"), choices=PostPlace.choices)
    person = forms.ChoiceField(label=gettext_lazy("接手人"), required=False)
    on = day_field(gettext_lazy("交接日期"))

    def __init__(self, *args: Any, staff: Iterable[tuple[str, str]], **more: Any):
        super().__init__(*args, **more)
        self.fields["person"].choices = [("", gettext_lazy("暂缺")), *staff]  # type: ignore[attr-defined]


def _page_of(code: str | None) -> str:
    return f"{reverse('registry:organisation', args=[code])}?part=posts"


def _own(request: HttpRequest, post_id: UUID) -> tuple[Actor, Post, str]:
    """The actor, an open post that the actor may change, and the page of its organisation."""
    actor, post = actor_of(request), find_post(post_id)
    if post is None:
        raise Forbidden()
    policies.require_edit_organisation(actor, post.organisation)
    return actor, post, _page_of(post.organisation.code)


def _id_of(number: str) -> UUID | None:
    if not number:
        return None
    found = find_person(number)
    if found is None:
        raise Invalid(_("没有这个人。"), code="unknown_person")
    return found.id


@needs(rights.ORGANISATION_EDIT)
def set_up(request: HttpRequest, code: str) -> HttpResponse:
    actor = actor_of(request)
    place = tree.get_organisation(actor, code)
    policies.require_edit_organisation(actor, place)
    form = PostForm(request.POST or None, kinds=kinds_for(place.kind), staff=list_staff(place.id))

    def write(values: dict[str, Any]) -> None:
        holders = {name: held for name in ("a", "b") if (held := _id_of(values[name]))}
        posts.set_up_post(
            actor=actor, organisation_id=place.id, kind=values["kind"], phone=values["phone"], holders=holders
        )

    return act(
        request, form, write=write, title=_("设立岗位"), sub=place.name, back=_page_of(code), done=_("岗位已设立。"),
        button=_("设立"),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def hand_over(request: HttpRequest, post_id: UUID) -> HttpResponse:
    actor, post, back = _own(request, post_id)
    form = HandOverForm(request.POST or None, staff=list_staff(post.organisation_id))

    def write(values: dict[str, Any]) -> None:
        on: date = values["on"] or today()
        posts.hand_over(actor=actor, post_id=post.id, place=values["place"], person_id=_id_of(values["person"]), on=on)

    return act(
        request, form, write=write, title=_("交接：%(post)s") % {"post": label(KINDS, post.kind)},
        sub=post.organisation.name, back=back, done=_("已交接。"), button=_("交接"),
        aside=(_("通知和待办留在岗位上，接手的人马上看得到；原来的人从此看不到。"),),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def phone(request: HttpRequest, post_id: UUID) -> HttpResponse:
    actor, post, back = _own(request, post_id)
    return act(
        request, PhoneForm(request.POST or None, initial={"phone": post.phone}), back=back, done=_("已保存。"),
        title=_("电话：%(post)s") % {"post": label(KINDS, post.kind)}, sub=post.organisation.name,
        write=lambda values: posts.set_post_phone(actor=actor, post_id=post.id, phone=values["phone"]),
    )  # fmt: skip


@needs(rights.ORGANISATION_EDIT)
def close(request: HttpRequest, post_id: UUID) -> HttpResponse:
    actor, post, back = _own(request, post_id)
    return act(
        request, forms.Form(request.POST if request.method == "POST" else None), back=back, done=_("岗位已撤销。"),
        title=_("撤销：%(post)s") % {"post": label(KINDS, post.kind)}, sub=post.organisation.name, button=_("撤销"),
        tone="danger", aside=(_("撤销后不再收到通知；发到这个岗位而没有办的，请先办完。"),),
        write=lambda _values: posts.close_post(actor=actor, post_id=post.id),
    )  # fmt: skip
