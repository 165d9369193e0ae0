"""Groups of offices and classes: which are told of what, when, in which words; who keeps them; what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import GroupRound, Robot
from lingqu.foundation.inbox.selectors import reading
from lingqu.foundation.inbox.services import calling_out, drafting, publishing, receiving, reminding
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel import clock
from lingqu.kernel.actor import Actor
from lingqu.kernel.models import AuditEntry, Message
from lingqu.kernel.testing import run_jobs
from lingqu.kernel.tests.robot_server import KEY, SECRET, Groups, running_groups

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=clock.ZONE)


@pytest.fixture
def time_is(monkeypatch: pytest.MonkeyPatch, db: None) -> list[datetime]:
    """The platform's clock: the last of the list."""
    registry.prepare()
    held = [NOON]
    monkeypatch.setattr(clock, "now", lambda: held[-1])
    return held


@pytest.fixture
def services(settings: Any, tmp_path: Any) -> Iterator[Groups]:
    settings.LINGQU_HOME, settings.LINGQU_DELIVERY = tmp_path, {"robot": "robot", "sms": "file", "email": "file"}
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1",)
    with running_groups() as running:
        settings.LINGQU_ROBOT_HOSTS = (running.url.removeprefix("http://"),)
        yield running


class County:
    """A county's desk; two schools with an office and its group; a class with its group in the first."""

    def __init__(self, services: Groups) -> None:
        self.county = people.make_organisation(kind="region")
        self.clerk = people.make_teacher(self.county, "何清")
        self.desk = people.make_post(self.county, "basic_education", a=self.clerk)
        self.schools = [people.make_school(self.county, school_type=kind) for kind in ("211", "311")]
        self.staff = [people.make_teacher(one, "白芸") for one in self.schools]
        self.posts = [people.make_post(one, a=who) for one, who in zip(self.schools, self.staff, strict=True)]
        for post in (self.desk, *self.posts):
            type(post).objects.filter(id=post.id).update(created_at=NOON - timedelta(days=9))
        self.group = people.make_class(self.schools[0])
        self.head = people.make_head(self.group, people.make_teacher(self.schools[0], "吴静"))
        self.child = people.make_pupil(self.group, "周禾")
        self.mother = people.make_guardian(self.child, "王若琳", phone="13800001111")
        self.chats = [
            making.make_group(one, name=f"校办群{n}", url=services.wecom) for n, one in enumerate(self.schools)
        ]
        self.chats.append(
            making.make_group(
                self.schools[0], self.group, "家长群", kind="dingtalk", url=services.dingtalk, secret=SECRET
            )
        )

    def told(self) -> list[str]:
        """Names of the groups that messages went to, since the last time."""
        run_jobs()
        found = Message.objects.filter(kind="inbox.group").values_list("subject_id", flat=True)
        names = sorted(Robot.objects.get(id=one).name for one in found)
        Message.objects.all().delete()
        return names


def test_groups_of_whom_a_notice_addresses_hear_of_it_without_anybodys_name(time_is: Any, services: Groups) -> None:
    county = County(services)
    making.make_notice(county.desk, [making.to_posts(county.county)], "供暖安全", deadline=NOON + timedelta(days=3))
    assert county.told() == ["校办群0", "校办群1"]
    kind, text = services.heard[0]
    assert (
        kind == "wecom" and f"【通知】{county.county.name}：供暖安全" in text and "/notices/" in text and "截止" in text
    )
    assert "何清" not in text and "推迟" not in text
    for addresses, told in (
        ([making.to_posts(county.county, school_type="31")], ["校办群1"]), ([making.to_staff(county.schools[0])], ["校办群0"]),
        ([making.to_posts(county.county, "academic_office")], []), ([making.to_families(county.county)], ["家长群"]),
        ([making.to_families(county.county, "G01")], []), ([making.to_class(county.group)], ["家长群"]),
        ([making.to_person(county.staff[0])], []), ([making.to_staff(county.county, "principal")], []),
    ):  # fmt: skip
        making.make_notice(county.desk, addresses)
        assert county.told() == told, [one.key for one in addresses]


def test_more_receivers_corrections_and_withdrawals_are_told(time_is: Any, services: Groups) -> None:
    county = County(services)
    notice = making.make_notice(county.desk, [making.to_posts(county.county, school_type="21")])
    assert county.told() == ["校办群0"]
    time_is.append(NOON + timedelta(minutes=5))
    fresh = [making.to_posts(county.county, school_type="31")]
    publishing.add_addresses(actor=SYSTEM, notice_id=notice.id, addresses=fresh)
    assert county.told() == ["校办群1"]
    draft = drafting.draft_correction(actor=SYSTEM, notice_id=notice.id)
    words = drafting.Words(title="改了", text="x")
    drafting.change_draft(actor=SYSTEM, notice_id=draft, words=words, addresses=fresh)
    publishing.publish(actor=SYSTEM, notice_id=draft)
    assert county.told() == ["校办群0", "校办群1"], "who knows the former hears that it is replaced"
    assert "【更正】" in services.heard[-1][1] and "改了" in services.heard[-1][1]
    publishing.withdraw(actor=SYSTEM, notice_id=draft, reason="误发")
    assert county.told() == ["校办群1"]
    assert "【撤回】" in services.heard[-1][1] and "/notices/" not in services.heard[-1][1]


def test_quiet_hours_hold_and_what_ended_in_the_night_is_never_told(time_is: Any, services: Groups) -> None:
    county = County(services)
    time_is.append(NOON.replace(hour=22))
    kept, gone = (making.make_notice(county.desk, [making.to_posts(county.county)]) for _one in range(2))
    publishing.withdraw(actor=SYSTEM, notice_id=gone.id, reason="误发")
    assert county.told() == [] and calling_out.tell_due() == 0
    time_is.append(NOON.replace(hour=7) + timedelta(days=1))
    assert calling_out.tell_due() == 2
    assert county.told() == ["校办群0", "校办群1"] and kept.title in services.heard[0][1]
    assert not GroupRound.objects.filter(ended_at=None).exists()


def test_reminding_goes_to_groups_in_which_somebody_is_missing(time_is: Any, services: Groups) -> None:
    county = County(services)
    addresses = [making.to_posts(county.county), making.to_class(county.group)]
    notice = making.make_notice(county.desk, addresses)
    county.told()
    actor = Actor(kind="account", name="x", account_id=county.staff[0].id, person_id=county.staff[0].id)
    (hit,) = reading.open_notice(actor, notice.id).hits
    receiving.confirm(actor=actor, notice_id=notice.id, owner=hit.owner)
    reminding.remind(actor=SYSTEM, notice_id=notice.id)
    assert county.told() == ["家长群", "校办群1"]
    assert all("还有没确认的" in text and "周禾" not in text for _kind, text in services.heard[-2:])


def test_a_killed_run_goes_on_and_a_stopped_group_hears_nothing(
    time_is: Any, services: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    county = County(services)
    for n in range(4):
        making.make_group(county.schools[0], name=f"群{n}", url=services.wecom)
    Robot.objects.filter(name="群3").update(is_active=False)
    monkeypatch.setattr(calling_out, "PAGE", 2)
    making.make_notice(county.desk, [making.to_posts(county.county)])
    real, calls = calling_out.send_to, []

    def killed_at_the_fourth(*words: Any, **more: Any) -> Any:
        calls.append(words)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*words, **more)

    monkeypatch.setattr(calling_out, "send_to", killed_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        calling_out.tell_due()
    assert calling_out.tell_due() == 3
    assert county.told() == ["校办群0", "校办群1", "群0", "群1", "群2"]


def test_no_group_at_all_costs_nothing(time_is: Any, services: Groups) -> None:
    county = County(services)
    Robot.objects.update(is_active=False)
    making.make_notice(county.desk, [making.to_posts(county.county)])
    assert not GroupRound.objects.exists()


# ---- pages --------------------


def browser(person: Any) -> Any:
    return accounts.signed_in(accounts.account_for(person))


def test_an_office_adds_a_group_tests_it_and_switches_it_off(services: Groups, db: None) -> None:
    registry.prepare()
    county = County(services)
    Robot.objects.all().delete()
    client = browser(county.staff[0])
    assert "还没有群" in client.get("/notices/groups").content.decode()
    words = {"owner": f"post-{county.posts[0].id}", "name": "校办群", "kind": "wecom", "url": services.wecom}
    for wrong in (
        {"url": "https://evil.example/cgi-bin/webhook/send?key=1"}, {"kind": "x"}, {"name": " "}, {"secret": "SEC1"},
        {"owner": f"post-{county.posts[1].id}"}, {"owner": f"class-{county.group.id}"},
    ):  # fmt: skip
        assert client.post("/notices/groups/new", {**words, **wrong}).status_code == 422, wrong
    assert not Robot.objects.exists()
    assert client.post("/notices/groups/new", words).status_code == 302
    assert "已经有叫这个名字的群" in client.post("/notices/groups/new", words).content.decode()
    robot = Robot.objects.get()
    assert KEY.encode() not in bytes(robot.sealed)
    assert client.post(f"/notices/groups/{robot.id}/test").status_code == 302
    run_jobs()
    assert "测试消息" in services.heard[0][1]
    page = client.get("/notices/groups").content.decode()
    assert "发出" in page and KEY not in page
    services.answers = [{"errcode": 93000, "errmsg": "invalid webhook url"}]
    client.post(f"/notices/groups/{robot.id}/test")
    run_jobs()
    assert "可能已从群里移除" in client.get("/notices/groups").content.decode()
    client.post(f"/notices/groups/{robot.id}/test")
    client.post(f"/notices/groups/{robot.id}/switch", {"active": "0"})
    run_jobs()
    assert len(services.heard) == 1 and "已停用" in client.get("/notices/groups").content.decode()
    client.post(f"/notices/groups/{robot.id}/switch", {"active": "1"})
    assert client.post(f"/notices/groups/{robot.id}/remove").status_code == 302 and not Robot.objects.exists()
    told = AuditEntry.objects.filter(subject_kind="inbox.robot")
    assert told.count() == 7 and not any(KEY in str(one.data) for one in told)


@pytest.mark.parametrize(
    ("who", "may"), [("office", {"school"}), ("head", {"class"}), ("desk", {"school"}), ("mother", set()), ("other", set())]
)  # fmt: skip
def test_every_role_times_every_action(services: Groups, db: None, who: str, may: set[str]) -> None:
    registry.prepare()
    county = County(services)
    person = {
        "office": county.staff[0], "head": county.head, "desk": county.clerk, "mother": county.mother, "other": county.staff[1]
    }[who]  # fmt: skip
    client = browser(person)
    for name, robot in (("school", county.chats[0]), ("class", county.chats[2])):
        for action in ("test", "switch", "remove"):
            answer = client.post(f"/notices/groups/{robot.id}/{action}", {"active": "1"})
            assert answer.status_code == (302 if name in may else 403), (name, action)
    assert client.get("/notices/groups").status_code == (200 if who != "mother" else 403)
    assert client.get("/notices/groups/new").status_code == (200 if who != "mother" else 403)
