"""Closed word lists of the register: codes stored in rows, with their Chinese and English names in ``glossary.md``."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrganisationKind(TextChoices):
    REGION = "region", _("教育区域")
    BUREAU = "bureau", _("教育行政部门")
    SCHOOL = "school", pgettext_lazy("一所", "学校")
    TEACHING_POINT = "teaching_point", _("教学点")
    CAMPUS = "campus", _("校区")
    DEPARTMENT = "department", _("内设机构")
    INSTITUTION = "institution", _("教育事业单位")
    GROUPING = "grouping", _("归类")


class RelationKind(TextChoices):
    """Typed, dated relations between organisations; each may carry a role."""

    TERRITORY = "territory", _("属地")
    GROUP = "group", _("集团总校–成员校")
    COMMUNITY = "community", _("城乡教共体")
    DISTRICT = "district", _("学区/片区")
    TRUSTEESHIP = "trusteeship", _("托管")
    CENTRAL_SCHOOL = "central_school", _("中心校–教学点")
    INSPECTION = "inspection", _("督学责任区")
    RESEARCH = "research", _("教研片")


class Schooling(TextChoices):
    """学制: which grades belong to which stage."""

    SIX_THREE = "six_three", _("六三制")
    FIVE_FOUR = "five_four", _("五四制")


class ClassDisplay(TextChoices):
    """Display rule of a school: how its class names are written."""

    GRADE_SERIAL = "grade_serial", _("七（3）班")
    STAGE_SERIAL = "stage_serial", _("初一（3）班")
    COHORT_SERIAL = "cohort_serial", _("2024级3班")
    DOTTED = "dotted", _("7.3")
    AS_WRITTEN = "as_written", _("按原文")


class ClassKind(TextChoices):
    ADMINISTRATIVE = "administrative", _("行政班")
    TEACHING = "teaching", _("教学班")
    MULTIGRADE = "multigrade", _("复式班")


class Attendance(TextChoices):
    """就读: where the child really sits, independent of the 学籍."""

    REGISTERED = "registered", _("在籍在读")
    ABSENT = "absent", _("有籍不在读")
    GUEST = "guest", _("无籍借读")
    HOME_TAUGHT = "home_taught", _("送教上门")
    EXCHANGE = "exchange", _("交流")


class EmploymentKind(TextChoices):
    ESTABLISHED = "established", _("在编")
    FILED = "filed", _("备案制")
    AGENCY = "agency", _("人事代理")
    CONTRACT = "contract", _("合同/劳务派遣")
    SUBSTITUTE = "substitute", _("代课")
    SPECIAL_POST = "special_post", _("特岗")
    SILVER_AGE = "silver_age", _("银龄")
    VOLUNTEER = "volunteer", _("支教")
    ROTATION = "rotation", _("交流轮岗")
    SECONDED = "seconded", _("借调")
    ITINERANT = "itinerant", _("跨校走教")
    UNKNOWN = "unknown", _("未说明")


class AppointmentRelation(TextChoices):
    """编制单位 and 工作单位 are two facts."""

    EMPLOYS = "employs", _("编制单位")
    WORKS_AT = "works_at", _("工作单位")


class DutyKind(TextChoices):
    PRINCIPAL = "principal", _("校长")
    VICE_PRINCIPAL = "vice_principal", _("副校长")
    HEAD_TEACHER = "head_teacher", _("班主任")
    DEPUTY_HEAD_TEACHER = "deputy_head_teacher", _("副班主任")
    GRADE_LEADER = "grade_leader", _("年级组长")
    SUBJECT_LEADER = "subject_leader", _("教研组长")
    LESSON_LEADER = "lesson_leader", _("备课组长")
    ACADEMIC_DIRECTOR = "academic_director", _("教务主任")
    MORAL_DIRECTOR = "moral_director", _("德育主任")
    SERVICES_DIRECTOR = "services_director", _("总务主任")
    REGISTER_OFFICER = "register_officer", _("学籍管理员")
    SCHOOL_ADMIN = "school_admin", _("学校管理员")
    BUREAU_LEADER = "bureau_leader", _("局领导")
    COUNTY_OFFICER = "county_officer", _("县级管理员")


class GuardianKind(TextChoices):
    LEGAL = "legal", _("法定监护")
    ENTRUSTED = "entrusted", _("委托监护")
    INSTITUTION = "institution", _("机构监护")
    PROXY = "proxy", _("代办人")


class RelationRole(TextChoices):
    """What people of the leading organisation may do at the member: what they may do at home, or the reading part of it."""

    NONE = "", _("不带权限")
    READ = "read", _("可查看")
    MANAGE = "manage", _("可管理")


class PostPlace(TextChoices):
    """A post has a first holder and somebody who stands in."""

    A = "a", _("A 角")
    B = "b", _("B 角")


class Leave(TextChoices):
    """How a child leaves: to come back to the same school, or for good."""

    SUSPENDED = "suspended", _("暂时离校")
    LEFT = "left", _("离开本校")


class SuspectRule(TextChoices):
    """What two records that may be one person have in common."""

    SAME_ID = "same_id", _("证件号相同")
    SAME_BIRTH = "same_birth", _("姓名、性别和出生日期相同")
    SAME_PHONE = "same_phone", _("姓名和手机号相同")
    STATED = "stated", _("有人指出")


class SuspectState(TextChoices):
    OPEN = "open", _("待核对")
    MERGED = "merged", _("已合并")
    DIFFERENT = "different", _("不是同一人")


class Severity(TextChoices):
    BLOCK = "block", _("阻断")
    REVIEW = "review", _("待核")
    HINT = "hint", _("提示")


GRADES: tuple[str, ...] = ("K0", "K1", "K2", "K3", *(f"G{n:02d}" for n in range(1, 13)))
