"""What the portal adds to the shell: home, search, the operator's page, the platform's name."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation
from lingqu.kernel.actor import Actor
from lingqu.kernel.rights import HEALTH_VIEW
from lingqu.ui import looks

NAME_SECONDS = 60


def platform_name(actor: Actor, request: HttpRequest) -> str | None:
    """Whoever runs the platform stands under the mark."""
    found: str | None = cache.get("portal.platform_name")
    if found is None:
        found = _name_of_operator()
        cache.set("portal.platform_name", found, NAME_SECONDS)
    return found or None


def _name_of_operator() -> str:
    """The root's name, or that of the one bureau below a root that only holds imported trees."""
    root = registry.root_organisation()
    if root is None:
        return ""
    below = list(type(root).objects.filter(parent=root, closed_on=None).values_list("name", flat=True)[:2])
    return below[0] if len(below) == 1 else root.name


def search_address(actor: Actor, request: HttpRequest) -> str | None:
    rights = registry.rights
    may_look = actor.has(rights.PERSON_VIEW) or actor.has(rights.ORGANISATION_VIEW)
    is_family = actor.role in {"student", "guardian"}
    return reverse("portal:search") if may_look and not is_family else None


looks.PLATFORM_NAME.fill("portal", platform_name)
looks.SEARCH.fill("portal", search_address, order=10)
navigation.add(_("首页"), "portal:home", place="bar", icon="home", order=0)
navigation.group("", "", order=0)
navigation.add(_("首页"), "portal:home", icon="home", order=0)
navigation.group("operations", _("运行"), order=60)
navigation.add(_("运行概况"), "portal:health", group="operations", icon="monitor", order=10, rights=(HEALTH_VIEW,))
