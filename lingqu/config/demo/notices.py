"""The demo's 往来: notices of the county and of the story school, some signed, one corrected, and a few messages.

Everything goes through the services, as the offices, a class teacher and families would do it. Repeating it changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.apps import apps

from lingqu.foundation.identity import api as identity
from lingqu.foundation.inbox import api as inbox
from lingqu.foundation.registry import api as registry
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import DomainError

from .accounts import ACTOR
from .audiences import STORY_SCHOOL_CODE
from .numbers import CITY_REGION, district_code

COLD = "下周一起推迟 30 分钟到校，早上 8:20 上课。\n校门 8:00 开，食堂早餐照常；需要早到的请回复。"
HEATING = "请各校在本周五前完成锅炉、管道和用电的自查，发现隐患当天报告。\n自查表随回执附上。"
WAVE = "明晨最低气温零下 6 度，并有大风。请今天检查水管、门窗和取暖设备，安排值守，签收后回执。"
TRAINING = "明天 14:00 在线上培训学籍核对，请学籍管理员参加。"
SIGNED, BY_PHONE, ON_PAPER = 6, 3, 2
"""Schools that signed; children of the story's class whose family was called, and who brought a slip."""
CONFIRMED = 24
"""Families of that class who confirmed themselves."""


def set_up_notices() -> int:
    """Returns how many notices stand."""
    school = registry.find_organisation(STORY_SCHOOL_CODE)
    if school is None or school.parent is None:
        return 0
    county, model = school.parent, apps.get_model("inbox", "Notice")
    posts = registry.open_posts_of(county.id), registry.open_posts_of(school.id)
    if model.objects.exists() or "basic_education" not in posts[0] or "school_office" not in posts[1]:
        return int(model.objects.count())
    _from_county(county, posts[0]["basic_education"])
    for office in filter(None, (registry.find_organisation(CITY_REGION), registry.find_organisation(district_code(5)))):
        _from_office(office)
    _from_school(school, posts[1]["school_office"])
    _messages(school, posts[1]["school_office"])
    return int(model.objects.count())


def _sent(post_id: Any, title: str, text: str, addresses: Sequence[inbox.Address], **more: Any) -> Any:
    words = inbox.Words(title=title, text=text, **more)
    made = inbox.create_draft(actor=ACTOR, words=words, addresses=addresses, post_id=post_id)
    inbox.publish(actor=ACTOR, notice_id=made)
    return made


def _from_county(county: Any, desk: Any) -> None:
    """To the offices of all schools: some have signed; a second one was corrected."""
    offices = inbox.Address(audience=inbox.Audience.POST, organisation_id=county.id, code="school_office")
    in_days = clock.now() + timedelta(days=4)
    notice = _sent(desk, "冬季供暖安全自查", HEATING, [offices], deadline=in_days, remind_before=1)
    _sign(notice, str(county.path), SIGNED)
    keepers = inbox.Address(audience=inbox.Audience.STAFF, organisation_id=county.id, code="register_officer")
    training = _sent(desk, "学籍核对培训", TRAINING, [keepers], needs_confirmation=False)
    inbox.publish(actor=ACTOR, notice_id=inbox.draft_correction(actor=ACTOR, notice_id=training))


def _from_office(office: Any) -> None:
    """To the offices of all schools below, with a short time; the first ones have signed."""
    desk = registry.open_posts_of(office.id).get("basic_education")
    if desk is not None:
        offices = inbox.Address(audience=inbox.Audience.POST, organisation_id=office.id, code="school_office")
        soon = clock.now() + timedelta(hours=20)
        notice = _sent(desk, "寒潮防范紧急通知", WAVE, [offices], deadline=soon, is_urgent=True)
        _sign(notice, str(office.path), SIGNED // 2)


def _sign(notice: Any, path: str, most: int) -> None:
    """The first school offices below a place sign."""
    posts = apps.get_model("registry", "Post").objects.filter(
        organisation__path__within=path, organisation__kind="school", kind="school_office", closed_on=None
    )  # fmt: skip
    for post in posts.exclude(organisation__code=STORY_SCHOOL_CODE).order_by("organisation__code")[:most]:
        holder = post.holders.filter(valid_to=None).select_related("person").first()
        if holder is not None:
            _confirm(notice, holder.person, post.id, "已自查，没有发现隐患。")


def _from_school(school: Any, desk: Any) -> None:
    """To all families: in the story's class some confirmed, some were called, some brought a slip."""
    families = inbox.Address(audience=inbox.Audience.FAMILY, organisation_id=school.id)
    notice = _sent(desk, "寒潮期间上学时间调整", COLD, [families], deadline=clock.now() + timedelta(days=2))
    seats = apps.get_model("registry", "ClassMembership").objects.filter(
        class_group__school=school, class_group__name="八（3）班", valid_to=None
    ).select_related("person").order_by("number")  # fmt: skip
    children = [seat.person for seat in seats]
    for child in children[:CONFIRMED]:
        link = child.guardianships.filter(valid_to=None).exclude(kind="proxy").select_related("guardian").first()
        if link is not None and child.name != "周禾":
            _confirm(notice, link.guardian, child.id)
    for n, child in enumerate(children[CONFIRMED : CONFIRMED + BY_PHONE + ON_PAPER]):
        way, heard = ("phone", "祖母") if n < BY_PHONE else ("paper", "")
        try:
            inbox.record_receipt(actor=ACTOR, notice_id=notice, kind="child", subject=child.id, way=way, heard_by=heard)
        except DomainError:
            continue


def _confirm(notice_id: Any, person: Any, owner: Any, note: str = "") -> None:
    """As the person would do it; whoever has nothing to confirm is left out."""
    actor = Actor(kind="account", name=person.name, account_id=person.id, person_id=person.id)
    try:
        inbox.confirm(actor=actor, notice_id=notice_id, owner=owner, note=note)
    except DomainError:
        return


def _messages(school: Any, desk: Any) -> None:
    """What modules tell the story's people."""
    teacher = registry.find_person_by_staff_number(STORY_SCHOOL_CODE, "T0312")
    inbox.tell(
        module="demo", key="timetable", to=[f"post:{desk}"], text="本学期课表已发布", url="/timetable", bundle="demo"
    )
    inbox.tell(
        module="demo", key="roster", to=[f"post:{desk}"], url="/quality", bundle="demo",
        text="全市名册已导入，可以核对本校数据",
    )  # fmt: skip
    if teacher is not None and identity.find_account_of(teacher.id) is not None:
        inbox.tell(
            module="demo",
            key="codes",
            to=[f"person:{teacher.id}"],
            text="你班的家长激活码已生成，可以打印",
            url="/slips",
        )
