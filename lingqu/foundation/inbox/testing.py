"""Factories: notices as their services make them, and samples for tests that visit every address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lingqu.foundation.registry import testing as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor

from .models import Attachment, Notice, Robot, Todo
from .selectors import news, reading
from .services import drafting, publishing
from .types.keys import Address
from .types.words import Audience

SYSTEM = Actor.system("test")
ROBOT = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"


def to_posts(place: Any, kind: str = "school_office", school_type: str = "") -> Address:
    return Address(
        audience=Audience.POST, organisation_id=place.id, code=kind, school_type=school_type
    )  # fmt: skip


def to_staff(place: Any, duty: str = "") -> Address:
    return Address(audience=Audience.STAFF, organisation_id=place.id, code=duty)


def to_families(place: Any, grade: str = "") -> Address:
    return Address(audience=Audience.FAMILY, organisation_id=place.id, code=grade)


def to_class(group: Any) -> Address:
    return Address(audience=Audience.FAMILY, class_id=group.id)


def to_pupils(place: Any, grade: str = "") -> Address:
    return Address(audience=Audience.PUPIL, organisation_id=place.id, code=grade)


def to_pupils_of(group: Any) -> Address:
    return Address(audience=Audience.PUPIL, class_id=group.id)


def to_person(person: Any) -> Address:
    return Address(audience=Audience.PERSON, person_id=person.id)


def make_draft(post: Any, addresses: Sequence[Address], title: str = "寒潮期间上学时间调整", **words: Any) -> Notice:
    """A draft of a post, by the platform itself."""
    made = drafting.create_draft(
        actor=SYSTEM, words=drafting.Words(title=title, text="推迟 30 分钟。\n校门 8:00 开。", **words),
        addresses=addresses, post_id=post.id,
    )  # fmt: skip
    return Notice.objects.get(id=made)


def make_notice(post: Any, addresses: Sequence[Address], title: str = "寒潮期间上学时间调整", **words: Any) -> Notice:
    """A published notice."""
    made = make_draft(post, addresses, title, **words)
    publishing.publish(actor=SYSTEM, notice_id=made.id)
    made.refresh_from_db()
    return made


def make_group(
    place: Any, group: Any = None, name: str = "办公群", kind: str = "wecom", url: str = ROBOT, secret: str = ""
) -> Robot:
    """The robot of a group of an office or a class."""
    return Robot.objects.create(
        organisation=place, path=place.path, class_group=group, name=name, kind=kind, added_by="x",
        sealed=crypto.seal_fields({"url": url, "secret": secret}),
    )  # fmt: skip


def count_for(person: Any) -> tuple[int, int, int]:
    """Unread notices, open to-dos and new messages of a person's inbox."""
    reader = reading.get_reader(Actor(kind="account", name="x", account_id=person.id, person_id=person.id))
    unread = reading.count(reading.list_hits(reader)).unread
    return unread, len(reading.list_todos(reader)), news.count_unseen(reader)


def todos_of(module: str, key: str = "") -> list[Todo]:
    """What a module put on desks, in whatever state."""
    rows = Todo.objects.filter(module=module).order_by("created_at", "id")
    return list(rows.filter(key=key) if key else rows)


def open_todos(module: str, keys: Iterable[str] | None = None) -> list[str]:
    """Titles of what a module has on desks, of these keys or all, in order."""
    rows = Todo.objects.filter(module=module, state="open").order_by("id")
    return list((rows if keys is None else rows.filter(address__in=keys)).values_list("title", flat=True))


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A draft and a published notice of each school, with a file."""
    made = [_at(node) for node in (world.own, world.other)]

    def pair(name: str, rows: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return {name: rows[0].id}, {name: rows[1].id}

    drafts, notices, files = (list(one) for one in zip(*made, strict=True))
    found = {f"inbox:{name}": pair("notice_id", drafts) for name in ("draft", "edit", "publish", "discard", "file_add")}
    found |= {
        f"inbox:{name}": pair("notice_id", notices)
        for name in (
            "notice",
            "confirm",
            "pass_on",
            "withdraw",
            "correct",
            "again",
            "receipts",
            "record",
            "receipts_print",
            "remind",
        )
    }
    robots = [make_group(node.school) for node in (world.own, world.other)]
    found |= {f"inbox:group_{name}": pair("robot_id", robots) for name in ("test", "switch", "remove")}
    found["inbox:quiet_hours"] = ({"code": world.own.county.code}, {"code": world.other.county.code})
    return found | {f"inbox:{name}": pair("file_id", files) for name in ("file", "file_remove")}


def _at(node: Any) -> tuple[Notice, Notice, Attachment]:
    post = registry.make_post(node.school, "services_office")
    notice = make_notice(post, [to_class(node.group)])
    file = Attachment.objects.create(
        notice=notice, digest="0" * 64, name="a.pdf", size=1, media_type="application/pdf", added_by="x"
    )
    return make_draft(post, [to_class(node.group)]), notice, file
