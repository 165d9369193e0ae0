"""What applications add to the shell, and how long their rows stay."""

from __future__ import annotations

from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention, rotation
from lingqu.kernel.actor import Actor

from .models import Consent, LegacyAccount, Participation, Release, Subject, VendorMember
from .selectors.entering import list_entered, seats_of
from .selectors.shelf import list_cards
from .types import rights

MOST_TILES = 8
SEES = (rights.VIEW, *rights.REVIEWS.values(), rights.SUSPEND)
navigation.group("applications", gettext_lazy("应用"), order=55)
navigation.add(gettext_lazy("应用"), "applications:shelf", group="applications", icon="apps", order=10)
navigation.add(gettext_lazy("我的授权"), "applications:linked", group="mine", icon="shield-check", order=20)
navigation.add(
    gettext_lazy("应用管理"), "applications:list", group="applications", icon="clipboard-check", order=20, rights=SEES,
)  # fmt: skip
navigation.add(
    gettext_lazy("开发者中心"), "applications:developer", group="applications", icon="terminal", order=30,
    rights=(rights.DEVELOP,),
)  # fmt: skip


def linked_link(actor: Actor, _nothing: None) -> registry.PageLink:
    return registry.PageLink(label=_("用过的应用与授权"), url=reverse("applications:linked"), icon="apps")


identity.OWN_LINKS.fill("applications", linked_link)


def entered(actor: Actor, session: identity.SessionFact) -> tuple[identity.EnteredApp, ...]:
    return list_entered(session.id)


identity.ENTERED.fill("applications", entered)


def screen_tiles(actor: Actor, request: HttpRequest) -> tuple[dict[str, str], ...]:
    """What the teacher of a class screen may open there."""
    seats = seats_of(request.standing)  # type: ignore[attr-defined]
    cards = [card for card in list_cards(actor.account_id, seats) if card.app.on_screen] if actor.account_id else []
    return tuple(
        {"label": card.app.name, "detail": card.summary, "icon": card.icon,
         "href": reverse("applications:open", args=[card.app.client_id])}
        for card in cards[:MOST_TILES]
    )  # fmt: skip


identity.SCREEN_TILES.fill("applications", screen_tiles)


def paper_link(actor: Actor, spot: registry.Spot) -> registry.PageLink | None:
    """The way from a class to its paper consents."""
    is_mine = actor.holds(rights.CONSENT_PAPER, spot.path) or spot.id in actor.things(rights.CONSENT_PAPER, "class")
    if not is_mine:
        return None
    return registry.PageLink(
        label=_("应用同意书"), url=reverse("applications:papers", args=[spot.id]), icon="clipboard-check"
    )


registry.CLASS_LINKS.fill("applications", paper_link, rights=(rights.CONSENT_PAPER,))

for _table, _keep, _by in (
    ("applications_vendor", "for ever: who was given what", ""),
    ("applications_vendormember", "as long as the account works for the firm", ""),
    ("applications_application", "for ever", ""),
    ("applications_applicationfiling", "with its application", ""),
    ("applications_secret", "with its application: a digest and when it held", ""),
    ("applications_review", "with its application", ""),
    ("applications_scopegrant", "for ever: what was allowed from when to when", ""),
    ("applications_adoption", "for ever: who used what from when to when", ""),
    ("applications_consentbatch", "as long as its consents", ""),
    ("applications_consent", "for ever: the proof that it was given, and until when", ""),
    ("applications_subject", "as long as the application: what its users are called there", ""),
    ("applications_legacyaccount", "as long as the application", ""),
    ("applications_sandboxclass", "as long as the vendor", ""),
    ("applications_sandboxperson", "as long as the vendor", ""),
    ("applications_participation", "with its session: seven months after its end", "identity.purge_identity"),
    ("applications_logoutnotice", "30 days", "applications.purge_applications"),
    ("applications_release", "for ever: one row an application, account and day", ""),
    ("applications_requestlog", "30 days", "applications.purge_applications"),
):
    retention.declare(_table, keep=_keep, by=_by)

rotation.declare_sealed("applications_vendor", "contact")
rotation.declare_sealed("applications_applicationfiling", "emergency_contact")
rotation.declare_index("applications_legacyaccount", "phone_blind", "id_blind")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """By which ids applications know somebody, what they received, what was agreed to, and when they were entered."""
    app = F("application__name")
    return {
        "application_ids": registry.part_of(Subject.objects.filter(about.named()), "value", "made_at", app=app),
        "released_to_applications": registry.part_of(
            Release.objects.filter(about.named()), "protocol", "fields", "day", "first_at", "last_at", "count", app=app
        ),
        "consents": registry.part_of(
            Consent.objects.filter(about.named()), "scopes", "given_by", "given_at", "ended_at", app=app
        ),
        "entered_applications": registry.part_of(
            Participation.objects.filter(about.named("", "session__account")), "protocol", "first_at", "last_at", app=app
        ),
        "former_accounts": registry.part_of(
            LegacyAccount.objects.filter(about.named(account="")), "vendor_user", "name", "number", "way", "uploaded_at",
            app=app,
        ),
        "firms": registry.part_of(VendorMember.objects.filter(about.named("")), "added_at", firm=F("vendor__name")),
    }  # fmt: skip


registry.hand_out(
    "applications", held, "applications_subject", "applications_release", "applications_consent",
    "applications_participation", "applications_legacyaccount", "applications_vendormember",
)  # fmt: skip
registry.keep_back("invented people", "applications_sandboxperson")
registry.keep_back("who judged an application, in the trail too", "applications_review")
