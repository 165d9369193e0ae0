"""How CAS plugs into applications and the door."""

from __future__ import annotations

from argparse import Namespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.kernel import retention
from lingqu.kernel.actor import Actor
from lingqu.kernel.onward import origin_of

from . import messages, selectors, services
from .services import PROTOCOL
from .web import login

LOGIN = "/cas/login"


def base() -> str:
    return f"{settings.PUBLIC.geturl()}/cas"


def onward(actor: Actor, target: str) -> str | None:
    """Where a login behind the door ends: the origin of its registered service."""
    parts = urlsplit(target)
    service = (parse_qs(parts.query).get("service") or [""])[0]
    return origin_of(service) if parts.path == LOGIN and selectors.find_client_id(service) else None


def launch(app: applications.App, request: HttpRequest) -> str | None:
    """One click on the shelf: the application's own entry, else straight to its first place with a ticket."""
    places = selectors.list_places(app.id)
    if not places:
        return None
    return app.entry_url or f"{LOGIN}?{urlencode({'service': places[0].shown})}"


def create(app: applications.App, options: Namespace) -> dict[str, Any]:
    """The client of ``lingqu app create --protocol cas``: its callbacks are its places."""
    places = services.read_places("\n".join(options.callback or ()))
    services.set_places(actor=Actor.system("command"), application_id=app.id, places=places)
    return {"client_id": app.client_id, "login_url": f"{base()}/login", "server_url": base()}


def logout_call(took: applications.Took) -> applications.LogoutCall:
    """CAS single logout: the request is posted to the service that the ticket was for."""
    text = messages.logout_request(ticket=str(took.data["ticket"]), user=str(took.data["user"]))
    return applications.LogoutCall(url=str(took.data["service"]), body=urlencode({"logoutRequest": text}).encode())


def card(actor: Actor, app: applications.App) -> applications.SettingsCard | None:
    places = selectors.list_places(app.id)
    lines = [(_("服务器地址"), base()), *((_("服务地址"), place.shown) for place in places)]
    return applications.SettingsCard(
        protocol=PROTOCOL, title="CAS", lines=tuple(lines), is_ready=bool(places),
        url=reverse("cas:settings", args=[app.client_id]),
    )  # fmt: skip


def guide(app: applications.App | None) -> applications.Guide:
    """What a developer needs, with an example that the tests run."""
    found = selectors.list_places(app.id)[:1] if app else ()
    service = found[0].shown if found else "https://app.example.cn/"
    return applications.Guide(
        protocol=PROTOCOL, title="CAS",
        summary=_("把登录交给这里，带回的票据由应用的服务器在十秒内核验一次。属性用 CAS 3 的核验地址取；退出时会向服务地址发送注销请求。"),
        addresses=(
            (_("登录"), f"{base()}/login"), (_("核验（带属性）"), f"{base()}/p3/serviceValidate"),
            (_("核验（CAS 2）"), f"{base()}/serviceValidate"), (_("退出"), f"{base()}/logout"),
        ),
        examples=(
            applications.Example(
                title=_("让浏览器去登录"), text=f"{base()}/login?{urlencode({'service': service})}",
            ),
            applications.Example(
                title=_("核验票据"),
                text=f'curl -G --data-urlencode "service={service}" -d format=JSON -d ticket=$TICKET {base()}/p3/serviceValidate',
            ),
        ),
    )  # fmt: skip


identity.ONWARD.fill(PROTOCOL, onward)
applications.AFTER_CONSENT[PROTOCOL] = applications.AfterConsent(login.agreed)
applications.LOGOUT[PROTOCOL] = logout_call
applications.ENTRIES[PROTOCOL] = launch
applications.CREATORS[PROTOCOL] = create
applications.GUIDES[PROTOCOL] = guide
applications.SETTINGS.fill(PROTOCOL, card, order=20)

retention.declare("cas_service", keep="as long as the application")
retention.declare("cas_ticket", keep="a day", by="cas.purge_cas")
