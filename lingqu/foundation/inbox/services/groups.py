"""Groups of an office or a class: adding, testing, switching off, removing their robots."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lingqu.kernel import audit, crypto, delivery, limits
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.language import writing_to

from .. import policies
from ..models import Robot
from ..selectors.robots import SUBJECT, list_owners
from ..types.words import RobotKind

MESSAGE = "inbox.group"
LONGEST_NAME, LONGEST_SECRET, MOST = 40, 200, 10


@transaction.atomic
def add_robot(*, actor: Actor, owner: str, name: str, kind: str, url: str, secret: str = "") -> UUID:
    """Add the robot of a group to an office or class that the actor sends for (``owner``: code of a sender). Address and
    secret are kept sealed and never shown again. Raises :class:`Invalid` with what is wrong of the fields."""
    chosen = next((one for one in list_owners(actor) if one.code == owner), None)
    if chosen is None:
        raise Forbidden()
    words, url, secret = " ".join(name.split())[:LONGEST_NAME], url.strip(), secret.strip()
    if not words:
        raise _wrong("name", _("请填写群的名字。"))
    if kind not in RobotKind.values:
        raise _wrong("kind", _("请选择企业微信或钉钉。"))
    try:
        delivery.check_robot(kind, url)
    except Invalid as refusal:
        raise _wrong("url", refusal.message) from refusal
    if len(secret) > LONGEST_SECRET or not secret.isascii() or (secret and kind != RobotKind.DINGTALK):
        raise _wrong("secret", _("只有钉钉的“加签”有密钥，请原样复制。"))
    held = Robot.objects.filter(organisation=chosen.organisation, class_group=chosen.class_id)
    if held.count() >= MOST:
        raise Conflict(_("最多 %(n)d 个群。") % {"n": MOST}, code="too_many_groups")
    try:
        with transaction.atomic():
            made = Robot.objects.create(
                organisation=chosen.organisation, path=chosen.organisation.path, class_group_id=chosen.class_id, name=words,
                kind=kind, sealed=crypto.seal_fields({"url": url, "secret": secret}), added_by=actor.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise _wrong("name", _("已经有叫这个名字的群。")) from error
    _trace(actor, "inbox.group.added", made)
    return made.id


@transaction.atomic
def test_robot(*, actor: Actor, robot_id: UUID) -> None:
    """Send a word to the group; its outcome stands on the page. At most five in ten minutes."""
    limits.hit(f"inbox.group.test:{robot_id}", 5, 600)
    robot = _locked(actor, robot_id)
    with writing_to():
        body = _("这是一条测试消息：灵渠的通知会发到这个群。")
    send_to(robot, body, valid_for=timedelta(minutes=30))
    _trace(actor, "inbox.group.tested", robot)


@transaction.atomic
def switch_robot(*, actor: Actor, robot_id: UUID, is_active: bool) -> None:
    """Tell the group no more, or again. What already waits for it does not leave."""
    robot = _locked(actor, robot_id)
    if robot.is_active != is_active:
        robot.is_active = is_active
        robot.save(update_fields=["is_active"])
        _trace(actor, "inbox.group.switched", robot)
    if not is_active:
        delivery.withdraw(subject_kind=SUBJECT, subject_ids=[robot.id])


@transaction.atomic
def remove_robot(*, actor: Actor, robot_id: UUID) -> None:
    """Forget the group with its address."""
    robot = _locked(actor, robot_id)
    delivery.withdraw(subject_kind=SUBJECT, subject_ids=[robot.id])
    _trace(actor, "inbox.group.removed", robot)
    robot.delete()


def send_to(robot: Robot, body: str, *, valid_for: timedelta) -> UUID:
    """Queue one text. Raises what ``delivery.send`` raises."""
    held = crypto.unseal_fields(robot.sealed)
    return delivery.send(
        channel="robot", to=f"{robot.kind} {held['url']}", subject="", body=body, kind=MESSAGE, subject_kind=SUBJECT,
        subject_id=robot.id, valid_for=valid_for, secret=held.get("secret", ""),
    )  # fmt: skip


def _locked(actor: Actor, robot_id: UUID) -> Robot:
    robot = Robot.objects.select_for_update().filter(id=robot_id).first()
    if robot is None or not policies.may_keep_robot(actor, robot):
        raise Forbidden()
    return robot


def _wrong(name: str, told: str) -> Invalid:
    return Invalid(told, code="bad_group", details={name: told})


def _trace(actor: Actor, action: str, robot: Robot) -> None:
    audit.record(
        actor, action, subject_kind="inbox.robot", subject_id=robot.id, path=str(robot.path),
        data={"name": robot.name, "kind": robot.kind, "active": robot.is_active},
    )  # fmt: skip
