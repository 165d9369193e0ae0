"""What the register can fill into a form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SOURCES = {
    "starter.name": _("申请人姓名"), "starter.number": _("申请人人员编号"), "starter.unit": _("申请人工作单位"),
    "subject.name": _("学生（或本人）姓名"), "subject.number": _("学生（或本人）人员编号"), "subject.school": _("就读学校"),
    "subject.grade": _("年级"), "subject.class": _("班级"), "case.organisation": _("办理单位"), "today": _("申请日期"),
}  # fmt: skip
