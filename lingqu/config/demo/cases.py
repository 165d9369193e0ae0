"""The demo's 办事: transfers at different steps, a suspension at work and one done, certificates, and leave of today.

Everything goes through the services, as families, schools and offices would do it. Repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.campus.office import api as office
from lingqu.foundation.registry import api as registry
from lingqu.foundation.workflow import api as workflow
from lingqu.governance.service_hall import api as service_hall
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError

from .accounts import ACTOR
from .audiences import STORY_SCHOOL_CODE

GRADE, TO_CLASS = "G08", "八（1）班"
SCAN = b"%PDF-1.4\n% a stamped form of the demo\n"
TRANSFERS = (
    ("父母工作调动，全家搬到学校附近。", ()),
    ("租住房屋迁到本学区，原校距离太远。", ("in_school",)),
    ("随祖父母生活，申请转到户籍所在片区。", ("in_school", "out_school")),
    ("家里买房搬迁。", ("in_school", "out_school", "in_county")),
    ("父亲部队驻地调整。", ("in_school", "out_school", "in_county", "seat", "paper", "national")),
)
"""Why, and which steps are done."""
PAUSES = (("腿部骨折，需要卧床治疗。", ()), ("手术后休养。", ("school", "county", "paper")))
PAPERS = 5


def set_up_cases() -> int:
    """Returns how many cases stand."""
    model = apps.get_model("workflow", "Case")
    school = registry.find_organisation(STORY_SCHOOL_CODE)
    if school is None or model.objects.exists():
        return int(model.objects.count())
    children = iter(_children_elsewhere(school))
    for n, (why, done) in enumerate(TRANSFERS):
        child = next(children, None)
        if child is not None:
            _transfer(school, child, why, done, f"ZX2026{n:08d}")
    own = _children_of(school)
    for child, (why, done) in zip(own[20:], PAUSES, strict=False):
        _pause(school, child, why, done)
    for child in own[: PAPERS * 2]:
        _paper(child)
    _leave(school, own[10:13])
    return int(model.objects.count())


def _children_elsewhere(school: Any) -> list[Any]:
    """Pupils of the grade at other schools of the county, one a class, who have a guardian."""
    seats = apps.get_model("registry", "ClassMembership").objects.filter(
        class_group__school__parent=school.parent, class_group__grades=[GRADE], valid_to=None, number=7,
        person__guardianships__valid_to=None, class_group__kind="administrative",
    ).exclude(class_group__school=school).select_related("person", "class_group__school")  # fmt: skip
    found = {seat.person_id: seat.person for seat in seats.order_by("class_group__school__code", "class_group__name")}
    return list(found.values())[: len(TRANSFERS)]


def _children_of(school: Any) -> list[Any]:
    """Pupils of the story's neighbour class, by number."""
    seats = apps.get_model("registry", "ClassMembership").objects.filter(
        class_group__school=school, class_group__name="八（2）班", valid_to=None
    )  # fmt: skip
    return [seat.person for seat in seats.select_related("person").order_by("number")]


def _guardian_of(child: Any) -> Any:
    link = child.guardianships.filter(valid_to=None).exclude(kind="proxy").select_related("guardian").first()
    return link.guardian if link else None


def _start(key: str, school: Any, child: Any, **fields: Any) -> Any:
    guardian = _guardian_of(child)
    return workflow.start(
        actor=ACTOR, key=key, organisation_id=school.id, subject_id=child.id, fields=fields, message="",
        starter_id=guardian.id if guardian else child.id,
    )  # fmt: skip


def _do(case: Any, who: str, fields: Mapping[str, Any] | None = None, *, stamped: bool = False) -> None:
    """The open step of a case, in somebody's name."""
    task = apps.get_model("workflow", "Task").objects.get(case=case, state="open")
    decision = (
        "agree" if task.node in ("in_school", "out_school", "in_county", "out_county", "school", "county") else ""
    )
    scan = [("", SimpleUploadedFile("联系表.pdf", SCAN, "application/pdf"))] if stamped else []
    workflow.complete(
        actor=Actor.system(who), task_id=task.id, decision=decision, fields=fields or {}, uploads=scan,
        comment="情况属实。" if decision else "",
    )  # fmt: skip


def _transfer(school: Any, child: Any, why: str, done: tuple[str, ...], serial: str) -> None:
    try:
        case = _start("transfer", school, child, reason=why)
    except DomainError:
        return
    given: dict[str, Mapping[str, Any]] = {
        "seat": {"to_class": TO_CLASS, "sits_on": clock.today().isoformat()}, "national": {"serial": serial},
    }  # fmt: skip
    for step in done:
        who = "丁宁" if step == "in_county" else "转出学校教务处" if step == "out_school" else "白芸"
        _do(case, who, given.get(step), stamped=step == "paper")


def _pause(school: Any, child: Any, why: str, done: tuple[str, ...]) -> None:
    until = clock.today() + timedelta(days=240)
    guardian = _guardian_of(child)
    if guardian is None:
        return
    case = workflow.start(
        actor=ACTOR, key="suspension", organisation_id=school.id, subject_id=child.id, starter_id=guardian.id,
        fields={"kind": "illness", "reason": why, "until": until.isoformat(), "phone": "13900001234"},
        uploads=[("proof", SimpleUploadedFile("诊断证明.pdf", SCAN, "application/pdf"))],
    )  # fmt: skip
    for step in done:
        _do(case, "丁宁" if step == "county" else "白芸", stamped=step == "paper")


def _paper(child: Any) -> None:
    """A guardian asks for 在读证明: given at once, or lies with the school where the register has a doubt."""
    guardian = _guardian_of(child)
    if guardian is not None:
        asks = Actor(kind="account", name=guardian.name, account_id=guardian.id, person_id=guardian.id)
        service_hall.ask_paper(actor=asks, person_id=child.id, kind="study", purpose="办理兴趣班报名")


def _leave(school: Any, children: list[Any]) -> None:
    """Pupils who are ill these days, and a teacher whose lessons have to be given away."""
    group = (
        apps.get_model("registry", "ClassGroup").objects.filter(school=school, name="八（2）班").order_by("-id").first()
    )
    first = clock.today() + timedelta(days=(7 - clock.today().weekday()) % 7 if clock.today().weekday() > 4 else 0)
    for child, kind in zip(children, ("sick", "sick", "private"), strict=False):
        office.record_absence(
            actor=ACTOR,
            new=office.NewAbsence(
                audience=office.Audience.PUPIL, person_id=child.id, kind=kind, starts_on=first, ends_on=first + timedelta(days=1),
                class_id=group.id, symptoms=("fever",) if kind == "sick" else (), asked_by="母亲", way="phone", approved_by="班主任",
            ),
        )  # fmt: skip
    teacher = registry.find_person_by_staff_number(STORY_SCHOOL_CODE, "T0307")
    if teacher is not None:
        office.record_absence(
            actor=ACTOR,
            new=office.NewAbsence(
                audience=office.Audience.STAFF, person_id=teacher.id, kind="training", starts_on=first, ends_on=first,
                school_id=school.id, asked_by=teacher.name, approved_by="校长",
            ),
        )  # fmt: skip
