"""Closed word lists of leave and substitution."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Audience(TextChoices):
    PUPIL = "pupil", pgettext_lazy("请假", "学生")
    STAFF = "staff", pgettext_lazy("请假", "教职工")


class Way(TextChoices):
    """How somebody asked for leave."""

    ONLINE = "online", _("网上")
    PHONE = "phone", _("电话")
    PAPER = "paper", _("纸质假条")
    VISIT = "visit", _("当面")


class CoverState(TextChoices):
    """Where a lesson of somebody on leave stands."""

    ASKED = "asked", _("待确认")
    CONFIRMED = "confirmed", _("已确认")
    SETTLED = "settled", _("不用确认")
    REFUSED = "refused", _("已谢绝")
    WITHDRAWN = "withdrawn", _("已撤销")


STANDING = (CoverState.ASKED, CoverState.CONFIRMED, CoverState.SETTLED)
"""The lesson is taken care of."""


class Symptom(TextChoices):
    """What a sick child has, as the report on absence by illness (因病缺勤) asks."""

    FEVER = "fever", _("发热")
    COUGH = "cough", _("咳嗽、咽痛")
    VOMIT = "vomit", _("呕吐")
    DIARRHOEA = "diarrhoea", _("腹泻")
    RASH = "rash", _("皮疹")
    EYES = "eyes", _("红眼")
    INJURY = "injury", _("外伤")
    OTHER = "other", pgettext_lazy("症状", "其他")
