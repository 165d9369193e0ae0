"""What yearly work adds to the shell."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention
from lingqu.kernel.actor import Actor

from .models import PlacementPupil, PupilDecision
from .types import rights

navigation.group("year", _("学年"), order=30)
navigation.add(_("学年升级"), "yearly:rollover", group="year", icon="stage", order=10, rights=(rights.ROLLOVER_VIEW,))

navigation.add(
    _("阳光分班"), "yearly:placements", group="year", icon="split", order=20, rights=(rights.PLACEMENT_VIEW,)
)
retention.declare("yearly_placement", keep="one row a draw, sealed: the answer to why a child sits in a class")
retention.declare("yearly_placementpupil", keep="with the draw")
retention.declare("yearly_rollover", keep="one row a school year")
retention.declare("yearly_schoolplan", keep="one row a school and year: how the year turned")
retention.declare("yearly_plannedclass", keep="with the plan, replaced by each preview")
retention.declare("yearly_pupildecision", keep="with the plan: who decided what about whom")
retention.declare("yearly_rolloverrun", keep="one row a run: who previewed, applied, undid")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """What a rollover decided about a pupil, and where a class draw put it."""
    mine = about.named(account="")
    return {
        "rollover_decisions": registry.part_of(
            PupilDecision.objects.filter(mine), "kind", "grade", "grade_after", "reason", "decided_at",
            year=F("plan__rollover__to_year"), class_name=F("class_group__name"),
        ),
        "class_draws": registry.part_of(
            PlacementPupil.objects.filter(mine), "number", "band", "included", "bond", "place", "position", "is_late",
            year=F("placement__year"), grade=F("placement__grade"), school=F("placement__school__name"),
        ),
    }  # fmt: skip


registry.hand_out("yearly", held, "yearly_pupildecision", "yearly_placementpupil")
registry.keep_back("a duty that stands in the register too", "yearly_plannedclass")
