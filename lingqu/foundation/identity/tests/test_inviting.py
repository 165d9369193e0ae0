"""Invitations of staff: whom they reach, what they prove, who may send them."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, ActivationCode, Invitation, InvitationRound
from lingqu.foundation.identity.selectors import accounts, inviting
from lingqu.foundation.identity.services import activation, codes
from lingqu.foundation.identity.services import inviting as orders
from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto, delivery, events
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid, TooMany
from lingqu.kernel.models import AuditEntry, Message
from lingqu.kernel.testing import deliver_events, run_jobs

pytestmark = pytest.mark.django_db
WORD = "Shan-shui-2026"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_DELIVERY = {}
    return tmp_path


@pytest.fixture
def school() -> Any:
    return testing.make_school()


def member(school: Any, name: str, *, email: str = "", phone: str = "", **post: Any) -> Account:
    """Somebody on the staff as a roster leaves them: an address that nobody has verified."""
    sealed = crypto.seal_fields({"phone": phone}) if phone else None
    blind = accounts.phone_blind(phone) if phone else None
    person = testing.make_person(name, organisation=school, email=email, sealed=sealed, phone_blind=blind)
    testing.employ(person, school, **post)
    return testing.account_for(person, "")


def admin(school: Any) -> Actor:
    """The school's administrator, whose account is in use."""
    person = testing.make_person("管理员", organisation=school)
    testing.give_duty(person, "school_admin", school)
    held = testing.account_for(person)
    return Actor(
        kind="account", name="管理员", role="school_admin", account_id=held.id, person_id=person.id,
        rights=(Right("identity.slips.print", str(school.path)), Right("identity.account.view", str(school.path))),
    )  # fmt: skip


def run_round(school: Any) -> InvitationRound:
    made = orders.order_round(actor=admin(school), school=school)
    run_jobs("identity.send_invitations")
    made.refresh_from_db()
    return made


def counted(made: InvitationRound) -> dict[str, int]:
    names = ("by_email", "by_sms", "without_address", "shared_address", "recent")
    return {name: getattr(made, name) for name in names}


def letters(home: Path) -> list[dict[str, str]]:
    run_jobs()
    return [json.loads(path.read_text()) for path in sorted((home / "messages").glob("*/*.json"))]


def test_a_round_writes_to_everybody_it_should_and_to_nobody_else(school: Any, home: Path) -> None:
    member(school, "有邮箱", email="you@school.example", phone="13800000001")
    member(school, "有手机", phone="13800000002")
    member(school, "都没有")
    member(school, "同号甲", phone="13800000003")
    member(school, "同号乙", phone="13800000003")
    testing.in_use(member(school, "已开通", email="in@school.example").id)
    left = member(school, "已离职", email="left@school.example")
    left.person.appointments.update(valid_to=today() - timedelta(days=1))
    dead = member(school, "已故", email="dead@school.example")
    dead.person.deceased_on = date(2026, 9, 2)
    dead.person.save(update_fields=["deceased_on"])
    double = member(school, "并入的已故", email="double@school.example")
    testing.make_person("旧档", deceased_on=date(2026, 9, 2), canonical=double.person)
    member(school, "未到任", email="later@school.example")
    late = Account.objects.get(person__name="未到任").person
    late.appointments.update(valid_from=today() + timedelta(days=9))
    other = testing.make_school("3301000009", "别的学校")
    member(other, "别校", email="other@school.example")
    made = run_round(school)
    assert (made.state, counted(made)) == (
        "done", {"by_email": 1, "by_sms": 1, "without_address": 1, "shared_address": 2, "recent": 0},
    )  # fmt: skip
    assert sorted(letter["to"] for letter in letters(home)) == ["13800000002", "you@school.example"]
    assert {row.shown for row in Invitation.objects.all()} == {"yo***@school.example", "138****0002"}


def test_the_link_opens_the_account_once_and_proves_the_address(school: Any, home: Path) -> None:
    by_mail, by_phone = member(school, "甲", email="Jia@school.example"), member(school, "乙", phone="13800000002")
    run_round(school)
    for letter in letters(home):
        [code] = re.findall(r"/activate\?code=([A-Z0-9]{12})", letter["body"])
        activation.activate(code_hash=codes.digest_of(code), password=WORD)
        with pytest.raises(codes.CodeUnusable):
            activation.activate(code_hash=codes.digest_of(code), password=WORD)
    assert accounts.find_accounts_by_login("jia@school.example") == (by_mail,)
    assert accounts.find_accounts_by_login("13800000002") == (by_phone,)


def test_a_second_round_leaves_out_whom_the_first_reached_and_a_day_later_writes_again(school: Any) -> None:
    member(school, "甲", email="jia@school.example")
    run_round(school)
    [first] = ActivationCode.objects.values_list("code_hash", flat=True)
    assert counted(run_round(school))["recent"] == 1
    assert codes.usable().filter(code_hash=first).exists()
    Invitation.objects.update(invited_at=now() - timedelta(days=2))
    assert counted(run_round(school))["by_email"] == 1
    assert not codes.usable().filter(code_hash=first).exists()


def test_a_killed_round_goes_on_without_writing_twice(school: Any) -> None:
    for at in range(3):
        member(school, f"甲{at}", email=f"jia{at}@school.example")
    made = orders.order_round(actor=admin(school), school=school)
    everybody = list(inviting.invitable(school).values_list("id", flat=True))
    orders._send_chunk(testing.SYSTEM, made, everybody[:2])
    orders.send_round(made.id)
    assert Invitation.objects.count() == 3
    assert Message.objects.count() == 3


def test_one_round_a_place_at_a_time(school: Any) -> None:
    actor = admin(school)
    orders.order_round(actor=actor, school=school)
    with pytest.raises(Conflict):
        orders.order_round(actor=actor, school=school)
    assert AuditEntry.objects.filter(action="identity.staff.invited").count() == 1


def test_a_stopped_administrator_sends_nothing(school: Any) -> None:
    member(school, "甲", email="jia@school.example")
    actor = admin(school)
    made = orders.order_round(actor=actor, school=school)
    Account.objects.filter(id=actor.account_id).update(state="locked")
    run_jobs("identity.send_invitations")
    made.refresh_from_db()
    assert (made.state, Message.objects.count()) == ("done", 0)


def test_who_may_invite(school: Any) -> None:
    other = testing.make_school("3301000009", "别的学校")
    one = member(school, "甲", email="jia@school.example")
    for actor in (admin(other), Actor(kind="account", account_id=one.id, name="无权")):
        with pytest.raises(Forbidden):
            orders.order_round(actor=actor, school=school)
        with pytest.raises(Forbidden):
            orders.invite(actor=actor, account=one)
    assert not Message.objects.exists()
    orders.invite(actor=admin(school), account=one)
    assert Message.objects.count() == 1


def test_one_invitation_says_why_it_cannot_be_sent(school: Any) -> None:
    actor = admin(school)
    with pytest.raises(Invalid) as refused:
        orders.invite(actor=actor, account=member(school, "都没有"))
    assert refused.value.code == "no_address"
    one = member(school, "甲", email="jia@school.example")
    orders.invite(actor=actor, account=one)
    with pytest.raises(TooMany):
        orders.invite(actor=actor, account=one)
    with pytest.raises(Conflict):
        orders.invite(actor=actor, account=testing.in_use(member(school, "乙", email="yi@school.example").id))


def test_progress_counts_people_by_how_far_they_are(school: Any) -> None:
    member(school, "甲", email="jia@school.example")
    member(school, "乙")
    member(school, "丙", phone="13800000002")
    testing.in_use(member(school, "丁").id)
    found = inviting.progress_of(school)
    assert (found.staff, found.active, found.invited, found.never) == (4, 1, 0, 3)
    assert (found.by_email, found.by_sms, found.without_address) == (1, 1, 1)
    run_round(school)
    found = inviting.progress_of(school)
    assert (found.active, found.invited, found.never) == (1, 2, 1)
    names = {part: sorted(inviting.in_part(inviting.posts_at(school), part).values_list("person__name", flat=True))
             for part in ("never", "invited", "in")}  # fmt: skip
    assert names == {"never": ["乙"], "invited": ["丙", "甲"], "in": ["丁"]}


def test_death_stops_what_has_not_left(school: Any, home: Path) -> None:
    one = member(school, "甲", email="jia@school.example")
    orders.invite(actor=admin(school), account=one)
    events.publish(registry.PersonDeceased(person_id=one.person_id))
    deliver_events()
    assert letters(home) == []
    assert not codes.usable().exists()
    assert delivery.states_of(Message.objects.values_list("pk", flat=True)) == {Message.objects.get().pk: "expired"}
