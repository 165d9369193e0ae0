"""What upstream adds to the shell and to the door, and how long its rows stay."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention, rotation
from lingqu.kernel.actor import Actor

from . import numbering, selectors, services
from .models import Identifier
from .types import LINK, MANAGE

navigation.add(
    _("外部登录入口"), "upstream:sources", group="safety", icon="link", order=40, rights=(MANAGE,), at_top=True
)
navigation.add(
    _("外部账号核对"), "upstream:unmatched", group="safety", icon="check-circle", order=50, rights=(LINK,), at_top=True
)


def doors(actor: Actor, target: str) -> tuple[identity.OtherDoor, ...]:
    return tuple(
        identity.OtherDoor(label=source.name, url=reverse("upstream:begin", args=[source.code]))
        for source in selectors.list_doors()
    )


identity.OTHER_DOORS.fill("upstream", doors)


def bindings_link(actor: Actor, _nothing: None) -> registry.PageLink | None:
    if actor.person_id is None:
        return None
    return registry.PageLink(label=str(_("绑定的外部账号")), url=reverse("upstream:bindings"), icon="link")


def note_visit(_actor: Actor, arrival: identity.Arrival) -> None:
    """Who proved the second factor after the answer from above is on a visit, as everybody else from there."""
    services.note_visit(session_id=arrival.session_id, told=arrival.told)


identity.ARRIVED.fill("upstream", note_visit)
registry.PERSON_NUMBERS.fill("upstream", selectors.numbers_of)
registry.NUMBERS_FOUND.fill("upstream", numbering.take_numbers)
registry.declare_episodes(
    "upstream.identifier", "upstream_identifier", once=(("person_id", "issuer"), ("issuer", "value"))
)
identity.OWN_LINKS.fill("upstream", bindings_link, order=110)

retention.declare("upstream_source", keep="as long as somebody signs in from there")
retention.declare("upstream_identifier", keep="as long as the person: who they are elsewhere, from when to when")
retention.declare("upstream_unmatched", keep="400 days after the decision", by="upstream.purge_upstream")
retention.declare("upstream_issuerkeys", keep="one row an issuer: its public keys as read last")
retention.declare("upstream_visit", keep="with its session", by="identity.purge_identity")
retention.declare("upstream_spenttoken", keep="until the token is over", by="upstream.purge_upstream")
rotation.declare_sealed("upstream_source", "sealed")
rotation.declare_sealed("upstream_unmatched", "sealed")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Who the person is on platforms above."""
    rows = Identifier.objects.filter(about.named(account=""))
    return {
        "external_identifiers": registry.part_of(
            rows, "issuer", "value", "valid_from", "valid_to", "linked_by", "linked_at"
        )
    }


registry.hand_out("upstream", held, "upstream_identifier")
