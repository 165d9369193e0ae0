"""What quality adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention

from .types import QUALITY_VIEW

navigation.group("data", _("数据"), order=40)
navigation.add(_("数据质量"), "quality:start", group="data", icon="gauge", order=20, rights=(QUALITY_VIEW,))
retention.declare("quality_qualityrule", keep="one row a rule")
retention.declare("quality_finding", keep="400 days after it is gone", by="quality.purge_quality")
retention.declare("quality_dayscore", keep="400 days", by="quality.purge_quality")
retention.declare("quality_evaluation", keep="400 days", by="quality.purge_quality")
retention.declare("quality_widefinding", keep="until its evaluation is done", by="quality.purge_quality")
retention.declare("quality_workorder", keep="for ever: one row an order")
