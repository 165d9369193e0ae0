"""The demo's applications: three of an invented firm and one of the bureau, from registration to the shelf.

Everything goes through the services, as a vendor, three reviewers and the bureau would do it. Repeating it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta

from lingqu.foundation.applications import api as applications
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import today

from .accounts import ACTOR
from .numbers import CITY_REGION

VENDOR_LOGIN = "demo.vendor"
FIRM = applications.Firm(
    name="声谷科技（演示）", credit_code="91350100M000100Y43", contact_name="章予", phone="12000000001"
)
OFFERED = (
    ("口语小教练", "按教材单元练听说，实时反馈发音与流利度。", "teaching", ("student", "teacher", "class_teacher"),
     (("profile", "duty", "显示学生姓名"), ("classes", "duty", "按班布置口语练习"), ("roles", "duty", "分出教师和学生"))),
    ("体育打卡", "跳绳、跑步与体测数据，家校同步可见。", "health", ("student", "guardian", "teacher", "class_teacher"),
     (("profile", "duty", "显示学生姓名"), ("classes", "duty", "班级排行"), ("gender", "consent", "按性别给出体测标准"))),
    ("虚拟实验室", "理化生实验，支持小组协作与自动评分。", "lab", ("student", "teacher", "class_teacher"),
     (("profile", "duty", "显示学生姓名"), ("classes", "duty", "按班分组"), ("roles", "duty", "分出教师和学生"))),
)  # fmt: skip
DRAFT = ("作文批改助手", "写完就有批注，老师再定分。", "homework")


def set_up_applications() -> int:
    """Returns how many applications are on the shelf; 0 where the vendor has begun already."""
    account, city = identity.find_account(VENDOR_LOGIN), registry.find_organisation(CITY_REGION)
    if account is None or city is None:
        return 0
    vendor = identity.actor_for(account, "vendor")
    try:
        applications.register_vendor(actor=vendor, firm=FIRM)
    except applications.AlreadyRegistered:
        return 0
    for name, summary, category, audiences, scopes in OFFERED:
        app = applications.create_draft(
            actor=vendor, organisation_id=city.id, details=_details(name, summary, category, audiences)
        )
        for scope, basis, purpose in scopes:
            applications.grant_scope(actor=vendor, application_id=app.id, scope=scope, basis=basis, purpose=purpose)
        _bring_live(vendor, app)
    applications.create_draft(actor=vendor, organisation_id=city.id, details=_details(*DRAFT, ("student", "teacher")))
    applications.create_live(
        actor=ACTOR, organisation_id=city.id, scopes=("profile", "roles"),
        details=_details("校车通", "线路、乘车签到与到站提醒。", "family", ("student", "guardian", "class_teacher")),
    )  # fmt: skip
    return len(OFFERED) + 1


def _details(name: str, summary: str, category: str, audiences: tuple[str, ...]) -> applications.Details:
    """Addresses end in ``.example``, which belongs to nobody."""
    return applications.Details(
        name=f"{name}（演示）", summary=summary, category=category, audiences=audiences, session_minutes=60,
        home_url=f"https://{category}.apps.example/",
    )  # fmt: skip


def _bring_live(vendor: Actor, app: applications.App) -> None:
    """Filing, submission, three opinions, and the city's decision to use it."""
    applications.save_filing(
        actor=vendor, application_id=app.id,
        filing=applications.Filing(
            provider_record="演教APP备0000001号", user_record="演教用备0000001号", icp_record="演ICP备00000001号",
            record_until=today() + timedelta(days=300), protection_level=2,
            protection_tested_on=today() - timedelta(days=200), protection_until=today() + timedelta(days=165),
            credit_code=FIRM.credit_code, data_place="东江省云汀市，不出境", sdks="无", fees="免费",
            data_return="停用后 30 天内返还并删除", emergency_name="章予", emergency_phone="12000000001",
        ),
    )  # fmt: skip
    applications.submit(actor=vendor, application_id=app.id)
    for kind, reviewer in (("function", "电教馆"), ("security", "安全管理员"), ("privacy", "学籍管理员")):
        applications.give_opinion(
            actor=Actor.system(f"{reviewer}（演示）"),
            application_id=app.id,
            kind=kind,
            is_passed=True,
            remark="符合要求",
        )
    applications.adopt(
        actor=ACTOR, application_id=app.id, organisation_id=app.organisation_id,
        decision=applications.Decision(
            valid_from=today(), meeting_date=today(), approval_number="云教数〔2026〕12 号（演示）"
        ),
    )  # fmt: skip
