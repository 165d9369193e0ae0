"""Pages of the organisation tree: tree left, the chosen organisation right."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.kernel import audit
from lingqu.kernel.access import actor_of, needs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.language import listed
from lingqu.ui.jinja import render_page

from .. import policies
from ..models import Organisation
from ..selectors import classes, moves, people, tree
from ..selectors.posts import list_posts
from ..types import rights
from ..types.cards import ClassCard, Folder, Node
from ..types.slots import ORGANISATION_LINKS, Spot

PARTS = ("overview", "classes", "staff", "students", "posts", "changes", "closed")
ICONS = {
    "region": "region", "bureau": "bureau", "school": "school", "teaching_point": "school", "campus": "building",
    "department": "folder", "institution": "building", "grouping": "folder",
}  # fmt: skip
SEEN = (rights.ORGANISATION_VIEW, rights.COUNT_VIEW)
ACTIONS = {
    "registry.organisation.created": gettext_lazy("新建机构"), "registry.organisation.edited": gettext_lazy("修改资料"),
    "registry.organisation.moved": gettext_lazy("调整隶属"), "registry.organisation.closed": gettext_lazy("撤并"),
    "registry.organisation.reopened": gettext_lazy("恢复"),
    "registry.organisation.display_changed": gettext_lazy("改变班级名称写法"), "registry.relation.added": gettext_lazy("新增关系"),
    "registry.relation.ended": gettext_lazy("结束关系"), "registry.post.opened": gettext_lazy("设立岗位"),
    "registry.post.handed_over": gettext_lazy("岗位交接"), "registry.post.phone_changed": gettext_lazy("改岗位电话"),
    "registry.post.closed": gettext_lazy("撤销岗位"),
}  # fmt: skip


@needs(*SEEN)
def start(request: HttpRequest) -> HttpResponse:
    """The top of the actor's tree, or what a search finds."""
    actor = actor_of(request)
    text = request.GET.get("q", "")[:100]
    if text:
        found = tree.find_organisations(actor, text)
        if len(found) == 1 and found[0].code:
            return redirect("registry:organisation", found[0].code)
        context = {"found": found, "q": text, "nodes": shown_tree(tree.get_tree(actor)), "icons": ICONS}
        return render(request, "registry/organisations_found.html", context)
    tops = tree.top_paths(actor)
    if not tops:
        raise Forbidden()
    top = Organisation.objects.filter(path=actor.path if actor.path in tops else tops[0]).first()
    if top is None or not top.code:
        raise Forbidden()
    return redirect("registry:organisation", top.code)


@needs(*SEEN)
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, tree.get_organisation(actor_of(request), code), request.GET.get("part", "overview"))


@needs(*SEEN)
def school(request: HttpRequest, code: str, part: str = "overview") -> HttpResponse:
    return _page(request, tree.get_organisation(actor_of(request), code), part)


def _page(request: HttpRequest, found: Organisation, part: str) -> HttpResponse:
    actor = actor_of(request)
    part = part if part in PARTS else "overview"
    card = tree.get_card(found)
    context: dict[str, Any] = {
        "card": card, "part": part, "nodes": shown_tree(tree.get_tree(actor, found)), "tabs": _tabs(actor, found, part),
        "may_edit": policies.may_edit_organisation(actor, found), "q": "",
        "links": ORGANISATION_LINKS.collect(actor, Spot(id=found.id, path=str(found.path), code=found.code or "")),
        "sees_people": actor.holds(rights.PERSON_VIEW, str(found.path)),
        "may_keep": policies.may_keep_organisation(actor, found),
        "may_edit_classes": card.is_school and actor.holds(rights.CLASS_EDIT, str(found.path)),
    }  # fmt: skip
    if part in ("overview", "classes") and card.is_school:
        context.update(_classes(request, actor, found), due=moves.list_due_back(actor, found))
    elif part == "overview":
        context["schools"] = _children(context["nodes"])
    elif part in ("staff", "students"):
        require(policies.may_list_people(actor, str(found.path)))
        kind = people.STAFF if part == "staff" else people.STUDENTS
        wanted = people.Filter(path=str(found.path))
        page = people.list_people(actor, kind, wanted, cursor=request.GET.get("cursor", ""))
        context.update(page=page, kind=kind)
    elif part == "posts":
        require(_sees_posts(actor, found))
        context["posts"] = list_posts(found)
    elif part == "closed":
        policies.require_edit_organisation(actor, found)
        context["closed"] = tree.list_closed(found)
    elif part == "changes":
        policies.require_edit_organisation(actor, found)
        page_of_changes = audit.list_for_subject("organisation", found.id, cursor=request.GET.get("cursor", ""))
        context.update(changes=page_of_changes, actions=ACTIONS)
    return render_page(request, "registry/organisation.html", context)


def _children(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for node in nodes:
        if node["current"]:
            return list(node["children"])
        if deeper := _children(node["children"]):
            return deeper
    return []


def _classes(request: HttpRequest, actor: Actor, found: Organisation) -> dict[str, Any]:
    if not actor.holds(rights.CLASS_VIEW, str(found.path)):
        return {"grades": (), "grade": None, "todo": (), "sees_classes": False}
    cards = classes.list_classes(found)
    grades = classes.group_by_grade(cards)
    wanted = request.GET.get("grade", "")
    grade = next((one for one in grades if one.code == wanted), grades[0] if grades else None)
    return {"grades": grades, "grade": grade, "todo": _todo(cards), "sees_classes": True}


def _todo(cards: tuple[ClassCard, ...]) -> list[tuple[ClassCard, str]]:
    """Classes that need somebody: no head teacher, or more pupils than the norm."""
    made = []
    for card in cards:
        words = [_("缺班主任")] if card.lacks_head else []
        if card.is_over:
            words.append(_("超出班额 %(n)d 人") % {"n": card.size - card.norm})
        if words:
            made.append((card, listed(words)))
    return made


def _sees_posts(actor: Actor, found: Organisation) -> bool:
    return actor.holds(rights.PERSON_VIEW, str(found.path)) or policies.may_edit_organisation(actor, found)


def _tabs(actor: Actor, found: Organisation, part: str) -> list[dict[str, Any]]:
    base = reverse("registry:organisation", args=[found.code])
    path = str(found.path)
    labels = [("overview", _("概况"), True)]
    if found.kind in tree.SCHOOL_KINDS:
        labels.append(("classes", _("班级"), actor.holds(rights.CLASS_VIEW, path)))
    sees_people = actor.holds(rights.PERSON_VIEW, path)
    labels += [("staff", _("教职工"), sees_people), ("students", _("学生"), sees_people)]
    labels.append(("posts", _("岗位"), _sees_posts(actor, found)))
    may_edit = policies.may_edit_organisation(actor, found)
    labels.append(("closed", _("已撤并"), may_edit and found.kind not in tree.SCHOOL_KINDS))
    labels.append(("changes", _("变更记录"), may_edit))
    made = [
        {
            "label": label,
            "href": base if name == "overview" else f"{base}?{urlencode({'part': name})}",
            "current": name == part,
        }
        for name, label, is_open in labels
        if is_open
    ]
    if found.kind in tree.SCHOOL_KINDS and policies.may_see_teaching(actor, path):
        made.insert(-1, {"label": _("任课"), "href": reverse("registry:teaching", args=[found.code]), "current": False})
    return made


def shown_tree(nodes: tuple[Node | Folder, ...]) -> list[dict[str, Any]]:
    """The tree in the form of the ``tree`` component: folders open in place, nodes lead to their page."""
    made: list[dict[str, Any]] = []
    for node in nodes:
        if isinstance(node, Folder):
            inside = shown_tree(node.children)
            first = inside[0]["href"] if inside else ""
            made.append(
                {"label": node.label, "count": node.figure, "icon": "folder", "href": first, "current": False,
                 "children": inside if node.is_open else []}
            )  # fmt: skip
        else:
            made.append(
                {"label": node.name, "count": node.figure, "icon": ICONS.get(node.kind, "folder"), "current": node.is_current,
                 "href": reverse("registry:organisation", args=[node.code]) if node.code else "",
                 "children": shown_tree(node.children)}
            )  # fmt: skip
    return made
