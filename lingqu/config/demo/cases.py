"""The demo's 办事: transfers at different steps, a suspension at work and one done, certificates, and leave of today.

Everything goes through the services, as families, schools and offices would do it. Repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.campus.office import api as office
from lingqu.foundation.registry import api as registry
from lingqu.foundation.statistics import api as statistics
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
    ("父母工作调动，全家搬到学校附近。", "in_school"), ("租住房屋迁到本学区，原校距离太远。", "out_school"),
    ("随祖父母生活，申请转到户籍所在片区。", "in_county"), ("家里买房搬迁。", "paper"), ("父亲部队驻地调整。", "await"),
)  # fmt: skip
"""Why, and the step that waits."""
PAUSES = (("腿部骨折，需要卧床治疗。", "school"), ("手术后休养。", "county"), ("长期治疗，医院建议休养。", ""))
DECIDED = {"in_school", "out_school", "in_county", "out_county", "school", "county"}
PAPERS = 5


def set_up_cases() -> int:
    """Returns how many cases stand."""
    model = apps.get_model("workflow", "Case")
    school = registry.find_organisation(STORY_SCHOOL_CODE)
    if school is None or model.objects.exists():
        return int(model.objects.count())
    children = _children_elsewhere(school)
    for (why, until), child in zip(TRANSFERS, children, strict=False):
        _transfer(school, child, why, until)
    own = _children_of(school)
    for child, (why, until) in zip(own[20:], PAUSES, strict=False):
        _pause(school, child, why, until)
    for child in own[: PAPERS * 2]:
        _paper(child)
    _leave(school, own[10:13])
    return int(model.objects.count())


def _children_elsewhere(school: Any) -> list[Any]:
    """Pupils of the grade at other schools, who have a guardian."""
    seats = apps.get_model("registry", "ClassMembership").objects.filter(
        class_group__grades=[GRADE], class_group__kind="administrative", valid_to=None, number__in=(5, 9, 14),
        person__guardianships__valid_to=None,
    ).exclude(class_group__school=school).select_related("person")  # fmt: skip
    found = {seat.person_id: seat.person for seat in seats.order_by("class_group__name", "number", "person_id")[:40]}
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


def _family(guardian: Any) -> Actor:
    return Actor(kind="account", name=guardian.name, account_id=guardian.id, person_id=guardian.id, role="guardian")


def _started(key: str, school: Any, child: Any, fields: Mapping[str, Any], uploads: Any = ()) -> Any:
    """A case that the family begins; None where the rules refuse it."""
    guardian = _guardian_of(child)
    if guardian is None:
        return None
    known = workflow.known_fields(key, school, starter_id=guardian.id, subject_id=child.id)
    try:
        return workflow.start(
            actor=_family(guardian), key=key, organisation_id=school.id, subject_id=child.id, fields={**known, **fields},
            uploads=uploads,
        )  # fmt: skip
    except DomainError:
        return None


def _go_on(case: Any, until: str, names: Mapping[str, str], given: Mapping[str, Mapping[str, Any]]) -> None:
    """Every step in turn, in the name of whoever would do it, until ``until`` waits or nothing is left. A small city may not
    have the class or the place: then the case stays where it is."""
    tasks = apps.get_model("workflow", "Task").objects.filter(case=case, state="open")
    while (task := tasks.order_by("id").first()) is not None and task.node != until:
        decides = task.node in DECIDED
        scan = [("", SimpleUploadedFile("盖章件.pdf", SCAN, "application/pdf"))] if task.node == "paper" else []
        workflow.complete(
            actor=Actor.system(names.get(task.node, names[""])), task_id=task.id, decision="agree" if decides else "",
            fields=given.get(task.node, {}), uploads=scan, comment="情况属实。" if decides else "",
        )  # fmt: skip


def _names(school: Any) -> dict[str, str]:
    """Who acts for the school and for its county."""
    clerk = statistics.name_of_duty(school.id, "school_admin") or ACTOR.name
    officer = statistics.name_of_duty(school.parent_id, "county_officer") or ACTOR.name
    return {"": clerk, "in_county": officer, "county": officer}


def _transfer(school: Any, child: Any, why: str, until: str) -> None:
    case = _started("transfer", school, child, {"reason": why})
    if case is not None:
        names = {**_names(school), "out_school": "孟晓", "out_county": "郑远"}
        given = {
            "seat": {"to_class": TO_CLASS, "sits_on": clock.today().isoformat()}, "national": {"serial": "ZX2026112900081"},
        }  # fmt: skip
        with suppress(DomainError):
            _go_on(case, until, names, given)


def _pause(school: Any, child: Any, why: str, until: str) -> None:
    day = clock.today() + timedelta(days=240)
    fields = {"kind": "illness", "reason": why, "until": day.isoformat(), "phone": "13900001234"}
    proof = [("proof", SimpleUploadedFile("诊断证明.pdf", SCAN, "application/pdf"))]
    case = _started("suspension", school, child, fields, proof)
    if case is not None:
        with suppress(DomainError):
            _go_on(case, until, _names(school), {})


def _paper(child: Any) -> None:
    """A guardian asks for 在读证明: given at once, or lies with the school where the register has a doubt."""
    guardian = _guardian_of(child)
    if guardian is not None:
        service_hall.ask_paper(actor=_family(guardian), person_id=child.id, kind="study", purpose="办理兴趣班报名")


def _leave(school: Any, children: list[Any]) -> None:
    """Pupils who are ill these days, and a teacher whose lessons have to be given away."""
    group = (
        apps.get_model("registry", "ClassGroup").objects.filter(school=school, name="八（2）班").order_by("-id").first()
    )
    if group is None:
        return
    first = clock.today() + timedelta(days=(7 - clock.today().weekday()) % 7 if clock.today().weekday() > 4 else 0)
    days = {"starts_on": first, "ends_on": first, "asked_by": "母亲", "way": office.Way.PHONE, "approved_by": "班主任"}
    for child, kind in zip(children, ("sick", "sick", "private"), strict=False):
        _record(
            audience=office.Audience.PUPIL, person_id=child.id, kind=kind, class_id=group.id,
            symptoms=("fever",) if kind == "sick" else (), **days,
        )  # fmt: skip
    teacher = registry.find_person_by_staff_number(STORY_SCHOOL_CODE, "T0307")
    if teacher is not None:
        days |= {"asked_by": teacher.name, "approved_by": "校长"}
        _record(audience=office.Audience.STAFF, person_id=teacher.id, kind="training", school_id=school.id, **days)


def _record(**new: Any) -> None:
    """Nothing on a day without lessons."""
    with suppress(DomainError):
        office.record_absence(actor=ACTOR, new=office.NewAbsence(**new))
