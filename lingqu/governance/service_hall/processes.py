"""The services that several people decide, as definitions that the platform ships: forms, steps, printed form.

A place may copy and change them with the designer; what an office published itself is never overwritten.
"""

from __future__ import annotations

from typing import Any

from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.kernel.actor import Actor

AUTHOR = "service_hall"
FOR = (workflow.Audience.FAMILY, workflow.Audience.PUPIL, workflow.Audience.COUNTER)
"""Who may begin one, anywhere."""
TRANSFER, SUSPENSION, RETURN, WITHDRAWAL = "transfer", "suspension", "school_return", "withdrawal"
KEY_DATA, AWAIT = "key_data", "await"
KEYS = {
    "transfer": TRANSFER, "suspension": SUSPENSION, "return": RETURN, "withdrawal": WITHDRAWAL, "key_data": KEY_DATA,
}  # fmt: skip
"""Service → key of its process."""
SERIAL = r"[A-Za-z0-9-]{6,40}"
PAPERS = {"properties": {"accept": ".pdf .jpg .jpeg .png", "most": 5}}
OFFICE_ONLY = {"conditional": {"hide": '= from_school = ""'}}
"""Fields that the applicant does not see: they show when the platform has begun."""


def _desk(
    label: str, place: workflow.Place = workflow.Place.SCHOOL, organisation: str = ""
) -> tuple[workflow.Rule, ...]:
    """Whoever keeps a school's register: 教务处 and 学籍管理员; without either the school's administrator."""
    post = workflow.Rule(
        kind=workflow.RuleKind.POST, code="academic_office", place=place, organisation=organisation, label=label
    )  # fmt: skip
    duties = ("register_officer", "school_admin")
    return (post, *(_duty(one, place, organisation, label) for one in duties))


def _office(label: str, organisation: str = "") -> tuple[workflow.Rule, ...]:
    """基教科 of the county, and its 县级管理员."""
    place = workflow.Place.COUNTY
    post = workflow.Rule(
        kind=workflow.RuleKind.POST, code="basic_education", place=place, organisation=organisation, label=label
    )  # fmt: skip
    return (
        post,
        _duty("county_officer", place, organisation, label),
        _duty("register_officer", place, organisation, label),
    )


def _duty(code: str, place: workflow.Place, organisation: str, label: str) -> workflow.Rule:
    return workflow.Rule(
        kind=workflow.RuleKind.DUTY, code=code, place=place, organisation=organisation, label=label
    )  # fmt: skip


def _form(key: str, *components: dict[str, Any]) -> Any:
    schema = {"schemaVersion": 19, "type": "default", "id": key, "components": list(components)}
    return workflow.read_form(schema, key)


def _known(key: str, label: str, source: str) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": label, "properties": {"prefill": source}}


def _field(kind: str, key: str, label: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": label, **more}


def _step(step_id: str, name: str, who: tuple[workflow.Rule, ...], **more: Any) -> workflow.DesignStep:
    return workflow.DesignStep(id=step_id, name=name, who=who, **more)


def _act(step_id: str, name: str, handler: str, result: str = "") -> workflow.DesignStep:
    return workflow.DesignStep(id=step_id, name=name, handler=f"service_hall.{handler}", result=result, decides=False)


PUPIL = (
    _known("pupil", "学生", "subject.name"), _known("school", "就读学校", "subject.school"),
    _known("grade", "年级", "subject.grade"), _known("class_name", "班级", "subject.class"),
)  # fmt: skip
REQUIRED = {"validate": {"required": True}}


def transfer() -> workflow.Design:
    """转学 to the school at which the case stands; the 学籍 follows the national system."""
    beyond = workflow.Condition(key="counties", sign=workflow.Sign.IS, value="two")
    old, new = "$from_school", _desk("转入学校")
    form = _form(
        "transfer", *PUPIL, _field("textarea", "reason", "转学原因", **REQUIRED),
        _field("filepicker", "proof", "转学原因的证明", description="房产、租房备案或工作调动等", **PAPERS),
        _field("textfield", "from_school", "转出学校代码", readonly=True),
        _field("textfield", "to_class", "转入班级", description="按本校班级名称填写，如 八（3）班", **REQUIRED, **OFFICE_ONLY),
        _field("datetime", "sits_on", "到校日期", subtype="date", **REQUIRED, **OFFICE_ONLY),
        _field("textfield", "serial", "国家系统流水号", validate={"required": True, "pattern": SERIAL}, **OFFICE_ONLY),
        _field("filepicker", "evidence", "国家系统办结的佐证", validate={"required": True}, **PAPERS, **OFFICE_ONLY),
    )  # fmt: skip
    steps = (
        _act("open", "核对学位和规则，占用学位", "transfer.open", "from_school"),
        _act("compare", "核对主管部门", "transfer.counties", "counties"),
        _step("in_school", "转入学校接收", new, days=3),
        _step("out_school", "转出学校核实", _desk("转出学校", organisation=old), days=3),
        _step("in_county", "转入地主管部门核办", _office("转入地主管部门"), days=3),
        _step("out_county", "转出地主管部门核办", _office("转出地主管部门", old), days=3, only_if=(beyond,)),
        _step("seat", "编班，登记到校日期", new, days=3, decides=False, writes=("to_class", "sits_on"),
              instructions="就读从到校日期开始；学籍等国家系统办结以后才转。"),
        _act("sit", "登记就读", "transfer.sit"),
        _step("paper", "打印转学联系表，四方盖章后上传", new, days=5, decides=False, needs_scan=True),
        _step("national", "在国家学籍系统办理，登记流水号", new, days=10, decides=False, writes=("serial",)),
        _act("submit", "记录国家系统流水号", "transfer.submit"),
        _step(AWAIT, "待国家系统办结", new, decides=False, writes=("evidence",), may_return=False,
              instructions="下一次国家名册显示学籍已到本校时自动办结；急用时上传国家系统办结的截图，人工办结。"),
        _act("settle", "学籍转移", "transfer.settle"),
    )  # fmt: skip
    seals = ("in_school", "in_county", "out_school", "out_county")
    paper = workflow.Paper(title="转学联系表", seals=seals, foot="两校和主管部门各存一份。学籍以国家学籍系统办结为准。")
    return workflow.Design(
        key=TRANSFER, name="转学", form=form, steps=steps, days=20, saved=2, paper=paper, audience=FOR
    )


def suspension() -> workflow.Design:
    """休学: from the day on which the office agrees until the day of return."""
    form = _form(
        "suspension", *PUPIL,
        _field("radio", "kind", "休学原因", values=[{"value": "illness", "label": "因病"}, {"value": "other", "label": "其他"}], **REQUIRED),
        _field("textarea", "reason", "情况说明", **REQUIRED), _field("datetime", "until", "预计复学日期", subtype="date", **REQUIRED),
        _field("filepicker", "proof", "诊断证明、病历或其他证明", **REQUIRED, **PAPERS),
        _field("textfield", "phone", "联系电话", validate={"required": True, "validationType": "phone"}),
    )  # fmt: skip
    steps = (
        _act("check", "核对期限和学籍状态", "pause.check"),
        _step("school", "学校核实", _desk("就读学校"), days=2), _step("county", "主管部门核准", _office("主管部门"), days=3),
        _step("paper", "打印审批表，盖章后上传", _desk("就读学校"), days=5, decides=False, needs_scan=True),
        _act("begin", "登记休学", "pause.begin"),
    )  # fmt: skip
    paper = workflow.Paper(title="休学审批表", seals=("school", "county"), foot="学籍状态以国家学籍系统登记为准。")
    return workflow.Design(
        key=SUSPENSION, name="休学", form=form, steps=steps, days=5, saved=1, paper=paper, audience=FOR
    )


def school_return() -> workflow.Design:
    """复学: into the grade that family and school agree on."""
    form = _form(
        "school_return", *PUPIL,
        _field("radio", "wish", "希望到哪个年级", values=[
            {"value": "same", "label": "休学时的年级"}, {"value": "own", "label": "跟上原来的同学"}], **REQUIRED),
        _field("textarea", "reason", "情况说明", **REQUIRED), _field("filepicker", "proof", "康复证明", description="因病休学的", **PAPERS),
        _field("textfield", "from_school", "核对", readonly=True),
        _field("textfield", "to_class", "编入班级", description="按本校班级名称填写，如 八（3）班", **REQUIRED, **OFFICE_ONLY),
        _field("datetime", "back_on", "返校日期", subtype="date", **REQUIRED, **OFFICE_ONLY),
    )  # fmt: skip
    steps = (
        _act("check", "核对休学登记", "return.check", "from_school"),
        _step("school", "学校核实", _desk("就读学校"), days=2), _step("county", "主管部门核准", _office("主管部门"), days=3),
        _step("seat", "编班，登记返校日期", _desk("就读学校"), days=2, decides=False, writes=("to_class", "back_on")),
        _act("back", "登记返校", "return.back"),
        _step("paper", "打印审批表，盖章后上传", _desk("就读学校"), days=5, decides=False, needs_scan=True),
    )  # fmt: skip
    paper = workflow.Paper(title="复学审批表", seals=("school", "county"), foot="学籍状态以国家学籍系统登记为准。")
    return workflow.Design(key=RETURN, name="复学", form=form, steps=steps, days=5, saved=1, paper=paper, audience=FOR)


def withdrawal() -> workflow.Design:
    """退学: refused at once in the compulsory years; above them the school and the office decide."""
    form = _form("withdrawal", *PUPIL, _field("textarea", "reason", "原因", **REQUIRED))
    steps = (
        _act("check", "核对能否办理", "withdrawal.check"),
        _step("school", "学校核实和劝学", _desk("就读学校"), days=5), _step("county", "主管部门核准", _office("主管部门"), days=5),
        _act("leave", "登记离校", "withdrawal.leave"),
    )  # fmt: skip
    return workflow.Design(key=WITHDRAWAL, name="退学", form=form, steps=steps, days=10, saved=1, audience=FOR)


def key_data() -> workflow.Design:
    """关键数据变更: a family's wish; its value stands sealed on the register's ticket, here only as it may be shown."""
    form = _form(
        "key_data", *PUPIL, _field("textfield", "item", "要变更的项目", readonly=True),
        _field("textfield", "wanted", "改成（证件号和生日只显示一部分）", readonly=True),
        _field("textarea", "reason", "理由", **REQUIRED),
        _field("filepicker", "proof", "户口簿变更页、身份证或出生证明", **REQUIRED, **PAPERS),
    )  # fmt: skip
    desk = _desk("就读学校")
    steps = (
        _act("link", "登记家长的申请", "key_data.link"),
        _step("school", "就读学校核对原件", desk, days=5, instructions="同意后转入“关键数据变更”台账，不用再登记一次。"),
        _act("accept", "转入关键数据变更台账", "key_data.accept"),
        _step(AWAIT, "在国家学籍系统申请，等国家名册改好", desk, decides=False, may_return=False,
              instructions="下一次国家名册改好以后自动办结。"),
        _act("settle", "核对国家名册", "key_data.settle"),
    )  # fmt: skip
    return workflow.Design(key=KEY_DATA, name="关键数据变更", form=form, steps=steps, days=20)


DESIGNS = (transfer, suspension, school_return, withdrawal, key_data)


def install_services() -> int:
    """Put the shipped definitions in force at the top; how many are new or changed. An office's own are left alone."""
    root = registry.root_organisation()
    if root is None:
        return 0
    actor, changed = Actor.system(AUTHOR), 0
    for make in DESIGNS:
        design = make()
        there = workflow.find_version(design.key, str(root.path))
        if there is not None and there.author != AUTHOR:
            continue
        made = workflow.install(actor=actor, organisation=root, design=design)
        changed += there is None or made != there.id
    return changed
