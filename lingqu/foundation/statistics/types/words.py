"""Closed word lists of statistics."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SnapshotKind(TextChoices):
    """What rows were frozen for: the statistics of a day, or one school's confirmation sheet."""

    DAY = "day", _("统计快照")
    SHEET = "sheet", _("确认单数据")


class SnapshotState(TextChoices):
    RUNNING = "running", _("正在固定")
    SEALED = "sealed", _("已封存")


class Side(TextChoices):
    """Which schools a region's figures hold: those it runs, or those that sit in it."""

    AFFILIATION = "affiliation", _("隶属")
    TERRITORY = "territory", _("属地")


class SheetState(TextChoices):
    SUBMITTED = "submitted", _("待校长确认")
    RETURNED = "returned", _("已退回")
    CONFIRMED = "confirmed", _("已确认")
    RECEIVED = "received", _("已接收")


class SchoolTerm(TextChoices):
    """JY/T 1001 XQ."""

    AUTUMN = "1", _("秋季学期")
    SPRING = "2", _("春季学期")


class RoomKind(TextChoices):
    CLASSROOM = "classroom", _("普通教室")
    LABORATORY = "laboratory", _("实验室")
    COMPUTER = "computer", _("计算机教室")
    MUSIC = "music", _("音乐教室")
    ART = "art", _("美术教室")
    SPORT = "sport", _("体育用房")
    LIBRARY = "library", _("图书室")
    COUNSELLING = "counselling", _("心理辅导室")
    OFFICE = "office", _("办公室")
    OTHER = "other", _("其他")


class ConditionItem(TextChoices):
    """办学条件 of a school; areas in square metres, money in yuan, the rest counts."""

    SITE_AREA = "site_area", _("占地面积（平方米）")
    BUILDING_AREA = "building_area", _("校舍建筑面积（平方米）")
    TEACHING_AREA = "teaching_area", _("教学及辅助用房面积（平方米）")
    SPORTS_AREA = "sports_area", _("体育运动场（馆）面积（平方米）")
    GREEN_AREA = "green_area", _("绿化用地面积（平方米）")
    DANGEROUS_AREA = "dangerous_area", _("危房面积（平方米）")
    BOOKS = "books", _("纸质图书（册）")
    PUPIL_TERMINALS = "pupil_terminals", _("学生用终端（台）")
    STAFF_TERMINALS = "staff_terminals", _("教师用终端（台）")
    NETWORKED_ROOMS = "networked_rooms", _("网络多媒体教室（间）")
    EQUIPMENT_VALUE = "equipment_value", _("教学仪器设备值（元）")
    BEDS = "beds", _("宿舍床位（张）")
