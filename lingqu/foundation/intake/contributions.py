"""What intake adds to the shell."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lingqu.kernel import navigation, retention

from .selectors import count_waiting
from .types import IMPORT_RUN, IMPORT_VIEW

navigation.group("data", _("数据"), order=40)
navigation.add(
    _("名册导入"), "intake:imports", group="data", icon="import", order=10, rights=(IMPORT_RUN, IMPORT_VIEW),
    badge=count_waiting,
)  # fmt: skip

retention.declare("intake_import", keep="as long as the register: the answer to where a row came from")
retention.declare("intake_importfile", keep="with its import")
retention.declare("intake_finding", keep="with its import")
retention.declare("intake_savedmapping", keep="one row per set of headings and place")
retention.declare("intake_partialupload", keep="a day after the last piece", by="intake.forget_partial_uploads")
