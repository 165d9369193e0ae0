"""What yearly work adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention

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
