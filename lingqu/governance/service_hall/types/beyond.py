"""A transfer from or to another province, followed link by link. Pure: the national system decides, this only says how far it
is and whether a link takes too long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

LINK_DAYS = 10
"""Working days for each link (教基〔2025〕1号)."""
PROVINCES = (
    "北京市", "天津市", "河北省", "山西省", "内蒙古自治区", "辽宁省", "吉林省", "黑龙江省", "上海市", "江苏省", "浙江省", "安徽省", "福建省",
    "江西省", "山东省", "河南省", "湖北省", "湖南省", "广东省", "广西壮族自治区", "海南省", "重庆市", "四川省", "贵州省", "云南省", "西藏自治区",
    "陕西省", "甘肃省", "青海省", "宁夏回族自治区", "新疆维吾尔自治区", "新疆生产建设兵团", "香港特别行政区", "澳门特别行政区", "台湾省",
)  # fmt: skip


class Direction(TextChoices):
    IN = "in", _("外省转入")
    OUT = "out", _("转往外省")


class BeyondState(TextChoices):
    OPEN = "open", _("跨省在途")
    DONE = "done", _("国家系统已办结")
    CLOSED = "closed", _("未办成，已结束")


class Link(TextChoices):
    """The links of the national system in their order, both provinces included."""

    ASKED = "asked", _("转入学校发起")
    IN_SCHOOL = "in_school", _("转入学校审核")
    IN_COUNTY = "in_county", _("转入地主管部门核办")
    IN_PROVINCE = "in_province", _("转入省核办")
    OUT_SCHOOL = "out_school", _("转出学校核办")
    OUT_COUNTY = "out_county", _("转出地主管部门核办")
    OUT_PROVINCE = "out_province", _("转出省核办")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One link as a page shows it; ``on`` None: not yet."""

    link: str
    label: str
    on: date | None


def steps_of(links: Mapping[str, str]) -> tuple[Step, ...]:
    return tuple(
        Step(link=link, label=str(link.label), on=date.fromisoformat(links[link]) if links.get(link) else None)
        for link in Link
    )


def next_link(links: Mapping[str, str]) -> str:
    """The first link without a day; empty: all have one."""
    return next((link for link in Link.values if not links.get(link)), "")


def last_day(links: Mapping[str, str]) -> date:
    """When something moved last."""
    return max(date.fromisoformat(day) for day in links.values())
