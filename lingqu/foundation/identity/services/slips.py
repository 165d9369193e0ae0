"""Printed slips. Printing makes fresh codes, and the old ones can no longer be used; every print is on the trail."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, clock, crypto, files, jobs
from lingqu.kernel.actor import Actor, require
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from lingqu.kernel.language import listed, writing_to

from .. import policies, register
from ..documents.sheets import Group, Row, Sheet, Slip, as_pdf
from ..models import Account, SlipBatch
from ..selectors import claims, lists
from ..types import rights
from ..types.values import ClassAccount
from ..types.words import CodePurpose
from . import codes
from .ordering import find_orderer, told_of

HALVES = ("pupil", "guardian")
MOST_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A PDF of slips; ``people`` counts codes that were made."""

    pdf: bytes
    name: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Whom to print for. ``only_new``: pupils without an account in use, children without a guardian in use."""

    pupils: bool = True
    guardians: bool = True
    only_new: bool = False
    person_id: UUID | None = None
    """One pupil instead of the class."""


def print_class(*, actor: Actor, class_id: UUID, choice: Choice) -> Printed:
    """Slips of one class, six pupils a page."""
    group = register.get_class(class_id)
    require(policies.may_print_slips(actor, group))
    with transaction.atomic():
        with writing_to():
            made, people = _class_group(actor, group, choice)
        if not people:
            raise Invalid(_("没有要印的人：选中的人都已开通。"), code="nothing_to_print")
        with writing_to():
            pdf = as_pdf(_sheet(group.school.name, made.title, (made,), CodePurpose.PUPIL))
    return Printed(pdf=pdf, name=f"{made.title}.pdf", people=people)


def print_one(*, actor: Actor, account: Account, half: str = "") -> Printed:
    """The slip of one pupil, with or only with the guardian's half, or of one member of staff.

    ``half`` is ``pupil`` or ``guardian``; empty prints both. The other half keeps the code that is out.
    """
    group = register.classes().filter(
        memberships__person_id=account.person_id, memberships__valid_to=None
    ).select_related("school").order_by("kind", "id").first() if account.person_id else None  # fmt: skip
    if group is not None:
        choice = Choice(pupils=half != "guardian", guardians=half != "pupil", person_id=account.person_id)
        return print_class(actor=actor, class_id=group.id, choice=choice)
    school = policies.inviting_place(actor, account)
    require(school is not None)
    return print_staff(actor=actor, school=school, person_id=account.person_id)


def print_staff(*, actor: Actor, school: Any, person_id: UUID | None = None) -> Printed:
    """Slips for everybody on the staff whose account is not in use, or for one of them."""
    require(policies.may_print_school(actor, school))
    staff = lists.staff_without_account(school)
    if person_id is not None:
        staff = tuple(one for one in staff if one.person_id == person_id)
    wanted = [codes.Wanted(purpose=CodePurpose.STAFF, account_id=one.account_id) for one in staff if one.account_id]
    if not wanted:
        raise Invalid(_("没有要印的人：教职工账号都已开通。"), code="nothing_to_print")
    with transaction.atomic(), writing_to():
        made = codes.issue(actor=actor, wanted=wanted)
        slips = [
            Slip(
                name=one.name, kind=_("教职工"), line=school.name, code=code, login=_staff_login(school, one),
                hint=_("扫码或在登录页输入开通码，自己设密码。登录名用人员编号或“学校代码-工号”都行。"),
            )
            for one, code in zip((one for one in staff if one.account_id), made, strict=True)
        ]  # fmt: skip
        rows = tuple(
            Row(left=slips[at], right=slips[at + 1] if at + 1 < len(slips) else None) for at in range(0, len(slips), 2)
        )
        title = _("%(school)s 教职工账号开通单") % {"school": school.name}
        group = Group(name=_("教职工"), title=title, sub=_sub(""), rows=rows)
        _trace(actor, "organisation", school.id, str(school.path), {"staff": len(slips)})
        pdf = as_pdf(_sheet(school.name, title, (group,), CodePurpose.STAFF))
    return Printed(pdf=pdf, name=f"{title}.pdf", people=len(slips))


def order_school(*, actor: Actor, school: Any, only_new: bool) -> SlipBatch:
    """Ask for the slips of all classes as one ZIP; a job makes it. One order a school at a time."""
    made_by = actor.account_id
    if made_by is None or not policies.may_print_school(actor, school):
        raise Forbidden()
    try:
        with transaction.atomic():
            batch = SlipBatch.objects.create(
                organisation=school, only_new=only_new, actor=told_of(actor), made_by=made_by
            )
            jobs.defer("identity.make_school_slips", batch_id=str(batch.id))
    except IntegrityError as error:
        raise Conflict(_("这所学校的开通单正在生成，请稍候。"), code="batch_waiting") from error
    return batch


def make_batch(batch_id: UUID) -> None:
    """Print every class of an ordered batch into one sealed ZIP. Repeating it after a crash makes fresh codes."""
    batch = SlipBatch.objects.select_related("organisation").filter(id=batch_id, state="waiting").first()
    if batch is None:
        return
    school, actor = batch.organisation, find_orderer(batch, rights.SLIPS_PRINT)
    if actor is None:
        raise Forbidden()
    target, classes, people = io.BytesIO(), 0, 0
    groups = register.classes().in_use().filter(school=school).select_related("school")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for group in groups.order_by("name", "id"):
            with transaction.atomic(), writing_to():
                made, count = _class_group(actor, group, Choice(only_new=batch.only_new))
                if not count:
                    continue
                pdf = as_pdf(_sheet(school.name, made.title, (made,), CodePurpose.PUPIL))
            classes, people = classes + 1, people + count
            archive.writestr(f"{classes:03d}-{files.safe_name(group.name) or group.id}.pdf", pdf)
    sealed = crypto.seal(target.getvalue(), str(batch.id).encode())
    stored = files.put(sealed, max_bytes=MOST_BYTES, is_own=True)
    SlipBatch.objects.filter(id=batch_id, state="waiting").update(
        state="ready", digest=stored.digest, classes=classes, people=people, ready_at=clock.now()
    )


def take_batch(*, actor: Actor, batch_id: UUID) -> tuple[str, bytes]:
    """Name and bytes of a finished ZIP, for the account that ordered it, within a day. Each download is audited."""
    batch = SlipBatch.objects.select_related("organisation").filter(id=batch_id).first()
    if batch is None or batch.made_by != actor.account_id:
        raise NotFound()
    require(policies.may_print_school(actor, batch.organisation))
    if batch.state != "ready":
        raise Conflict(_("开通单还在生成，请稍候。"), code="batch_waiting")
    with files.open_file(batch.digest) as source:
        content = crypto.unseal(source.read(), str(batch.id).encode())
    with transaction.atomic():
        SlipBatch.objects.filter(id=batch_id).update(downloaded_at=clock.now())
        audit.record(
            actor, "identity.slips.downloaded", subject_kind="organisation", subject_id=batch.organisation_id,
            path=str(batch.organisation.path), data={"people": batch.people},
        )  # fmt: skip
    return _("%(school)s 账号开通单") % {"school": batch.organisation.name} + ".zip", content


def _class_group(actor: Actor, group: Any, choice: Choice) -> tuple[Group, int]:
    """The class's slips with fresh codes, and how many codes were made. Part of the caller's transaction."""
    pupils = [one for one in lists.class_accounts(group) if _is_wanted(one, choice)]
    wanted: list[codes.Wanted] = []
    for one in pupils:
        if _needs_pupil(one, choice):
            wanted.append(codes.Wanted(purpose=CodePurpose.PUPIL, account_id=one.account_id))
        if _needs_guardian(one, choice):
            wanted.append(codes.Wanted(purpose=CodePurpose.GUARDIAN, child_id=one.person_id))
    made = iter(codes.issue(actor=actor, wanted=wanted))
    named = claims.guardian_names([one.person_id for one in pupils])
    rows = tuple(
        Row(
            left=_pupil_slip(group, one, next(made) if _needs_pupil(one, choice) else "") if choice.pupils else None,
            right=_guardian_slip(
                group, one, next(made) if _needs_guardian(one, choice) else "", named.get(one.person_id, [])
            )
            if choice.guardians
            else None,
        )
        for one in pupils
    )
    if wanted:
        _trace(actor, "class", group.id, str(group.school.path), {"pupils": len(pupils), "codes": len(wanted)})
    title = _("%(school)s %(class)s 账号开通单") % {"school": group.school.name, "class": group.name}
    return Group(name=group.name, title=title, sub=_sub(_head_teacher(group)), rows=rows), len(wanted)


def _is_wanted(one: ClassAccount, choice: Choice) -> bool:
    if choice.person_id is not None and one.person_id != choice.person_id:
        return False
    return _needs_pupil(one, choice) or _needs_guardian(one, choice)


def _needs_pupil(one: ClassAccount, choice: Choice) -> bool:
    usable = one.state == "new" if choice.only_new else one.state in ("new", "active")
    return choice.pupils and usable


def _needs_guardian(one: ClassAccount, choice: Choice) -> bool:
    return choice.guardians and not (choice.only_new and one.guardians_active)


def _pupil_slip(group: Any, one: ClassAccount, code: str) -> Slip:
    number = _("班内学号 %(number)d") % {"number": one.number} if one.number else ""
    return Slip(
        name=one.name, kind=_("学生"), line=f"{group.name}　{number}".strip(), code=code, login=one.person_number,
        state="" if code else _("已开通"),
        hint=_("扫码或输入开通码，自己设密码。以后用登录名和密码登录。") if code else "",
    )  # fmt: skip


def _guardian_slip(group: Any, one: ClassAccount, code: str, named: list[str]) -> Slip:
    registered = _("登记：%(names)s") % {"names": listed(named[:3])} if named else _("登记：（未登记）")
    return Slip(
        name=_("%(name)s 的家长") % {"name": one.name}, kind=_("家长"), line=f"{registered}　{group.name}", code=code,
        login="", state="" if code else _("已开通"),
        hint=_("扫码或输入开通码，用本人手机号收验证码。登记以外的人由班主任核对后生效；另一位家长可再要一张。")
        if code
        else "",
    )  # fmt: skip


def _head_teacher(group: Any) -> str:
    names = group.duties.filter(kind="head_teacher", valid_to=None).values_list("person__name", flat=True)
    return listed(names[:2])


def _sub(head_teacher: str) -> str:
    printed = _("打印 %(day)s · 沿虚线剪开，左半给学生，右半给家长") % {"day": clock.today().isoformat()}
    if head_teacher:
        return _("班主任 %(name)s · %(rest)s") % {"name": head_teacher, "rest": printed}
    return _("打印 %(day)s · 沿虚线剪开，每人一张") % {"day": clock.today().isoformat()}


def _staff_login(school: Any, one: Any) -> str:
    return f"{school.code}-{one.staff_number}" if school.code and one.staff_number else one.person_number


def _sheet(organisation: str, title: str, groups: tuple[Group, ...], purpose: CodePurpose) -> Sheet:
    until = codes.expiry_of(purpose).astimezone(clock.ZONE).date().isoformat()
    return Sheet(title=title, organisation=organisation, valid=_("%(day)s 前有效") % {"day": until}, groups=groups)


def _trace(actor: Actor, kind: str, subject: UUID, path: str, data: dict[str, int]) -> None:
    audit.record(actor, "identity.slips.printed", subject_kind=kind, subject_id=subject, path=path, data=data)
