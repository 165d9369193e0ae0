"""What quality adds to the shell."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lingqu.foundation.registry import api as registry
from lingqu.kernel import navigation, retention
from lingqu.kernel.actor import Actor
from lingqu.ui import worklist

from .models import Finding
from .types import QUALITY_VIEW
from .web import work

navigation.group("data", _("数据"), order=40)
navigation.add(_("数据质量"), "quality:start", group="data", icon="gauge", order=20, rights=(QUALITY_VIEW,))
worklist.CARDS.fill("quality", work.card_of, rights=(QUALITY_VIEW,), order=30)
retention.declare("quality_qualityrule", keep="one row a rule")
retention.declare("quality_finding", keep="400 days after it is gone", by="quality.purge_quality")
retention.declare("quality_dayscore", keep="400 days", by="quality.purge_quality")
retention.declare("quality_evaluation", keep="400 days", by="quality.purge_quality")
retention.declare("quality_widefinding", keep="until its evaluation is done", by="quality.purge_quality")
retention.declare("quality_workorder", keep="for ever: one row an order")


def held(_actor: Actor, about: registry.About) -> dict[str, registry.Part]:
    """Rules that the person's record does not meet, or did not."""
    rows = Finding.objects.filter(subject_id__in=about.person_ids)
    return {
        "quality_findings": registry.part_of(
            rows,
            "severity",
            "state",
            "since",
            "gone_on",
            "reason",
            rule_code=F("rule__code"),
            school_name=F("school__name"),
        )
    }


registry.hand_out("quality", held, "quality_finding")
