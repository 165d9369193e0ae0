"""The table of roles: what each may do, where its place comes from, how it may be granted.

Rights of a granted role hold in the subtree of its organisation. Rights of a derived role hold on what the register
says: the classes one heads or teaches, the children one guards, oneself. ``audiences`` of the shell are role codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lingqu.foundation.registry import api as registry
from lingqu.foundation.timetable import api as timetable
from lingqu.kernel import rights as kernel_rights
from lingqu.kernel.actor import Right

from .types import rights
from .types.words import DUTY_ROLES

RECORDS_KEEP, RECORDS_VIEW, RECORDS_COURSES = (
    "records.credential.keep",
    "records.statement.view",
    "records.course.manage",
)
see, plan = registry.rights, timetable.rights
IMPORT_RUN, IMPORT_VIEW = "intake.import.run", "intake.import.view"
RECONCILE_VIEW, RECONCILE_WORK, RECONCILE_RUN = "reconciliation.view", "reconciliation.work", "reconciliation.run"
QUALITY_VIEW, QUALITY_HANDLE = "quality.finding.view", "quality.finding.handle"
ORDER_GIVE, RULE_EDIT = "quality.order.give", "quality.rule.edit"
FIGURES = ("statistics.snapshot.view", "statistics.sheet.view", "statistics.conditions.view")
CLERK = ("statistics.sheet.submit", "statistics.conditions.edit")
COUNTY_FIGURES = (*FIGURES, "statistics.snapshot.take", "statistics.round.manage")
CONFIRM = "statistics.sheet.confirm"
"""Codes of the modules above; the table is data, so it names them as text."""
APP_VIEW, APP_ADOPT, APP_RELEASES = "applications.view", "applications.adopt", "applications.releases"
APP_REVIEW, APP_SUSPEND = "applications.review.%s", "applications.suspend"
APP_BUREAU = (
    APP_VIEW,
    APP_ADOPT,
    APP_RELEASES,
    "applications.manage",
    APP_SUSPEND,
    APP_REVIEW % "function",
    APP_REVIEW % "privacy",
)
APP_PAPER = "applications.consent.paper"
NUMBERS_VIEW, NUMBERS_RECORD = "upstream.numbers.view", "upstream.numbers.record"
POST_HOLDER = ("inbox.notice.send", "inbox.receipt.view", "inbox.receipt.record")
POST_DESK = (*POST_HOLDER, "collection.manage", "collection.fill")
"""What holding a 岗位 gives at its organisation, whatever role was chosen: an office collects, a school fills."""
COLLECTING, LOOKING = ("collection.manage", "collection.view"), ("collection.view",)
FILLING, SIGNING = ("collection.fill", "collection.view"), ("collection.fill", "collection.sign", "collection.view")
RECEIPT_VIEW, QUIET_HOURS = "inbox.receipt.view", "inbox.quiet.set"
SEATS_VIEW, SEATS_PLAN, HALL_RULES, PAPERS = (
    "service_hall.seats.view", "service_hall.seats.plan", "service_hall.rules.set", "service_hall.paper.issue",
)  # fmt: skip
CASE_VIEW = "workflow.case.view"
CASES_RUN = (CASE_VIEW, "workflow.case.data", "workflow.case.manage", "workflow.case.counter", "workflow.definition.edit",
             "workflow.definition.publish")  # fmt: skip
LINKS_OPEN, LINKS_EDIT = "lti.links.open", "lti.links.edit"
STAFF_LEAVE_VIEW, STAFF_LEAVE_RECORD = "office.staff_leave.view", "office.staff_leave.record"
PUPIL_LEAVE_VIEW, PUPIL_LEAVE_RECORD, LEAVE_RULES = (
    "office.pupil_leave.view",
    "office.pupil_leave.record",
    "office.rules.set",
)
_YEAR_SEEN = ("yearly.rollover.view", "yearly.placement.view")
_YEAR_PREPARED = (*_YEAR_SEEN, "yearly.rollover.decide", "yearly.placement.run")
_YEAR_DONE = (*_YEAR_PREPARED, "yearly.rollover.apply")

SCHOOLS = frozenset({"school", "teaching_point", "campus"})
OFFICES = frozenset({"region", "bureau", "institution", "department", "grouping"})
ANYWHERE = SCHOOLS | OFFICES
SEES_PUPILS = frozenset(
    {
        see.PERSON_VIEW,
        see.PERSON_EDIT,
        see.PERSON_REVEAL,
        see.ATTRIBUTE_VIEW,
        see.ATTRIBUTE_EDIT,
        rights.ACCOUNT_RESET,
        rights.SLIPS_PRINT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """``order``: the lower, the more useful as a first choice. ``at``: kinds of organisation it may be granted at;
    empty for roles that only follow from the register. ``duties``: duties of the register that give the role, at
    organisations of the same kinds."""

    code: str
    title: Promise
    summary: Promise
    rights: tuple[str, ...]
    order: int
    at: frozenset[str] = frozenset()
    duties: tuple[str, ...] = ()

    @property
    def is_grantable(self) -> bool:
        return bool(self.at)


_OFFICER = (
    see.ORGANISATION_VIEW, see.COUNT_VIEW, see.CLASS_VIEW, see.CLASS_EDIT, see.PERSON_VIEW, see.PERSON_EDIT,
    see.PERSON_REVEAL, see.ATTRIBUTE_VIEW, see.ATTRIBUTE_EDIT, see.TEACHING_VIEW, IMPORT_RUN, IMPORT_VIEW, QUALITY_VIEW, QUALITY_HANDLE, rights.ACCOUNT_VIEW,
    RECONCILE_VIEW, RECONCILE_WORK, NUMBERS_VIEW, NUMBERS_RECORD,
)  # fmt: skip
_PLANNING = (plan.VIEW, plan.EDIT, plan.CALENDAR_EDIT)
_SCHOOL_VIEW = (
    see.ORGANISATION_VIEW, see.COUNT_VIEW, see.CLASS_VIEW, see.PERSON_VIEW, see.TEACHING_VIEW, plan.VIEW,
)  # fmt: skip
_LIST = (
    Role(
        code="operator", title=_("数据操作员"), summary=_("导入名册、看导入报告和数据质量"), order=20, at=OFFICES,
        rights=(IMPORT_RUN, IMPORT_VIEW, QUALITY_VIEW, see.ORGANISATION_VIEW, see.CLASS_VIEW, see.COUNT_VIEW,
                rights.ACCOUNT_VIEW, rights.FIGURES_VIEW, kernel_rights.HEALTH_VIEW),
    ),
    Role(
        code="system_admin", title=_("系统管理员"), summary=_("看运行状况和角色，不看师生信息"), order=5, at=OFFICES,
        rights=(kernel_rights.HEALTH_VIEW, rights.ROLE_VIEW, rights.FIGURES_VIEW, APP_VIEW, "upstream.manage", rights.SMS_MANAGE, RECORDS_KEEP),
    ),
    Role(
        code="security_admin", title=_("安全管理员"), summary=_("授予和收回角色、停用账号，不看师生信息"), order=6,
        at=OFFICES,
        rights=(rights.ROLE_VIEW, rights.ROLE_GRANT, rights.ACCOUNT_LOCK, rights.SECURITY_MANAGE, APP_VIEW, APP_REVIEW % "security", APP_SUSPEND),
    ),
    Role(
        code="auditor", title=_("审计员"), summary=_("查阅操作记录，不能改动任何内容"), order=7, at=OFFICES,
        rights=(kernel_rights.AUDIT_VIEW,),
    ),
    Role(
        code="bureau_leader", title=_("局领导"), summary=_("看机构和统计数字"), order=30, at=OFFICES,
        duties=("bureau_leader",), rights=(see.ORGANISATION_VIEW, see.COUNT_VIEW, QUALITY_VIEW, rights.FIGURES_VIEW, *LOOKING, *FIGURES, CASE_VIEW),
    ),
    Role(
        code="county_admin", title=_("县区管理员"), summary=_("管理本县区学校、班级、人员和账号"), order=10, at=OFFICES,
        duties=("county_officer",),
        rights=(*_OFFICER, *_YEAR_DONE, see.ORGANISATION_EDIT, see.TEACHING_EDIT, rights.ACCOUNT_RESET, rights.ACCOUNT_LOCK,
                rights.SLIPS_PRINT, rights.SMS_BUDGET, see.EXPORT_APPROVE, ORDER_GIVE, RULE_EDIT, RECONCILE_RUN, RECEIPT_VIEW, QUIET_HOURS, *_PLANNING,
                rights.FIGURES_VIEW, "upstream.link", *COLLECTING, *COUNTY_FIGURES, *APP_BUREAU, APP_PAPER, SEATS_VIEW, SEATS_PLAN, HALL_RULES, PAPERS, RECORDS_VIEW, RECORDS_COURSES,
                *CASES_RUN, LEAVE_RULES),
    ),
    Role(
        code="register_officer", title=_("学籍管理员"), summary=_("核对学籍、班级和人员信息，导入名册"), order=12,
        at=ANYWHERE, duties=("register_officer",), rights=(*_OFFICER, *_YEAR_DONE, RECONCILE_RUN, *FIGURES, *CLERK, APP_VIEW, APP_REVIEW % "privacy", SEATS_VIEW, PAPERS, CASE_VIEW, "workflow.case.counter"),
    ),
    Role(
        code="principal", title=_("校长"), summary=_("看本校班级、师生和任课"), order=40, at=SCHOOLS,
        duties=("principal",),
        rights=(*_SCHOOL_VIEW, RECEIPT_VIEW, *_YEAR_SEEN, rights.ACCOUNT_VIEW, rights.FIGURES_VIEW, see.ATTRIBUTE_VIEW, see.EXPORT_APPROVE, QUALITY_VIEW,
                RECONCILE_VIEW, *FIGURES, *SIGNING, CONFIRM, APP_VIEW, APP_RELEASES, NUMBERS_VIEW, SEATS_VIEW, CASE_VIEW, "workflow.case.data", STAFF_LEAVE_VIEW, PUPIL_LEAVE_VIEW),
    ),
    Role(
        code="deputy_principal", title=_("副校长"), summary=_("看本校班级、师生和任课"), order=41, at=SCHOOLS,
        duties=("vice_principal",), rights=(*_SCHOOL_VIEW, RECEIPT_VIEW, STAFF_LEAVE_VIEW, PUPIL_LEAVE_VIEW, *FIGURES),
    ),
    Role(
        code="moral_director", title=_("德育主任"), summary=_("看本校班级、师生和任课"), order=45, at=SCHOOLS,
        duties=("moral_director",),
        rights=(*_SCHOOL_VIEW, RECEIPT_VIEW, PUPIL_LEAVE_VIEW, PUPIL_LEAVE_RECORD, see.ATTRIBUTE_VIEW),
    ),
    Role(
        code="academic_director", title=_("教务主任"), summary=_("看本校班级和师生，维护班级、任课、课表和校历"),
        order=44, at=SCHOOLS, duties=("academic_director",),
        rights=(*_SCHOOL_VIEW, RECEIPT_VIEW, see.CLASS_EDIT, see.TEACHING_EDIT, plan.EDIT, plan.CALENDAR_EDIT, RECORDS_COURSES, STAFF_LEAVE_VIEW, STAFF_LEAVE_RECORD, PUPIL_LEAVE_VIEW),
    ),
    Role(
        code="school_admin", title=_("学校管理员"), summary=_("管理本校班级、人员、任课和账号，导入名册"), order=42,
        at=SCHOOLS, duties=("school_admin",),
        rights=(*_OFFICER, RECEIPT_VIEW, *_YEAR_PREPARED, see.ORGANISATION_EDIT, see.TEACHING_EDIT, rights.ACCOUNT_RESET, rights.ACCOUNT_LOCK,
                rights.SLIPS_PRINT, rights.FIGURES_VIEW, *_PLANNING, *FIGURES, *FILLING, *CLERK, APP_VIEW, APP_ADOPT, APP_RELEASES, APP_PAPER,
                LINKS_EDIT, SEATS_VIEW, PAPERS, RECORDS_VIEW, RECORDS_COURSES, *CASES_RUN, STAFF_LEAVE_VIEW, STAFF_LEAVE_RECORD, PUPIL_LEAVE_VIEW, PUPIL_LEAVE_RECORD, LEAVE_RULES),
    ),
    Role(
        code="class_teacher", title=_("班主任"), summary=_("看和维护本班学生，发开通单，核对家长"), order=50,
        rights=(see.CLASS_VIEW, see.CLASS_EDIT, see.PERSON_VIEW, see.PERSON_EDIT, see.PERSON_REVEAL,
                see.ATTRIBUTE_VIEW, see.ATTRIBUTE_EDIT, NUMBERS_VIEW,
                rights.ACCOUNT_VIEW, rights.ACCOUNT_RESET, rights.ACCOUNT_LOCK, rights.SLIPS_PRINT, *POST_HOLDER, APP_PAPER, LINKS_OPEN, LINKS_EDIT,
                PUPIL_LEAVE_VIEW, PUPIL_LEAVE_RECORD),
    ),
    Role(
        code="teacher", title=_("教师"), summary=_("看任教班级的学生和任课"), order=55,
        rights=(see.CLASS_VIEW, see.PERSON_VIEW, LINKS_OPEN, LINKS_EDIT, PUPIL_LEAVE_VIEW),
    ),
    Role(code="staff", title=_("工作人员"), summary=_("看本单位的信息"), order=57, rights=()),
    Role(
        code="student", title=pgettext_lazy("一人", "学生"), summary=_("看自己的信息"), order=90,
        rights=(see.CLASS_VIEW, plan.VIEW, LINKS_OPEN),
    ),
    Role(code="guardian", title=pgettext_lazy("一人", "家长"), summary=_("看孩子的信息"), order=80, rights=(see.PERSON_VIEW, NUMBERS_VIEW)),
    Role(code="reviewer", title=_("评审员"), summary=_("评审分给自己的材料"), order=60, at=ANYWHERE, rights=()),
    Role(code="expert", title=_("专家"), summary=_("参加受邀的评议"), order=61, at=ANYWHERE, rights=()),
    Role(code="vendor", title=_("应用提供者"), summary=_("登记和管理自己的应用"), order=62, at=OFFICES, rights=("applications.develop",)),
    Role(code="sandbox", title=_("沙箱人员"), summary=_("供应用提供者试登录，不是真人"), order=95, at=OFFICES, rights=()),
)  # fmt: skip
AT_SCHOOL: dict[str, tuple[str, ...]] = {
    "class_teacher": (see.ORGANISATION_VIEW, see.TEACHING_VIEW, plan.VIEW),
    "teacher": (see.ORGANISATION_VIEW, see.TEACHING_VIEW, plan.VIEW),
    "staff": (see.ORGANISATION_VIEW,),
    "student": (see.ORGANISATION_VIEW,),
    "guardian": (see.ORGANISATION_VIEW,),
}
"""What a derived role sees of the school itself, beside its classes or children."""
WARDS_CLASS: tuple[str, ...] = (see.CLASS_VIEW, plan.VIEW)
"""What a guardian sees of the class of a child."""
ROLES: dict[str, Role] = {role.code: role for role in _LIST}
GRANTABLE: tuple[str, ...] = tuple(role.code for role in _LIST if role.is_grantable)
BY_DUTY: dict[str, Role] = {duty: role for role in _LIST for duty in role.duties}
"""Duties that are not named here (总务主任, 年级组长, 教研组长, 备课组长) give no role of their own."""
NOT_TEACHING = frozenset({
    "30", "32", "33", "40", "41", "42", "43", "44", "45", "46", "47", "48", "60", "61", "62", "63", "64", "65", "66",
    "67", "68", "70", "71", "79", "80",
})  # fmt: skip
"""Posts (JY/T 1001 GWZY) whose holders do not teach: administration, aids without lessons, workers, enterprises."""
OVERSEERS: tuple[str, ...] = ("auditor", "security_admin", "system_admin")
"""The three that may stand beside no other role at all."""


def role_of_duty(duty: str, organisation_kind: str) -> Role | None:
    """The role that a duty gives at this kind of organisation; none where it could not be granted either."""
    role = BY_DUTY.get(duty)
    return role if role is not None and organisation_kind in role.at else None


def role_of_work(post: str, organisation_kind: str) -> str:
    """The role of somebody who works at a place without a class or duty: 教师 only at schools and in a teaching post."""
    return "teacher" if organisation_kind in SCHOOLS and post not in NOT_TEACHING else "staff"


def title_of(code: str) -> str:
    """The role's name for people; the code itself for a role of a former version."""
    role = ROLES.get(code)
    return str(role.title) if role else code


def rights_at(code: str, paths: Iterable[str], until: datetime | None = None) -> tuple[Right, ...]:
    """Every right of a role at each of the places."""
    return tuple(Right(right, path, until) for path in paths for right in ROLES[code].rights)


def conflict_between(wanted: str, held: Iterable[str]) -> str:
    """Code of a held role that forbids the wanted one, or an empty string.

    The four separated duties exclude each other; auditor, security and system administrator exclude every other role.
    """
    for other in sorted(set(held)):
        if other == wanted:
            continue
        both_duties = wanted in DUTY_ROLES and other in DUTY_ROLES
        if both_duties or wanted in OVERSEERS or other in OVERSEERS:
            return other
    return ""
