"""For tests of this module and those above: places, people, accounts in use, and browsers that are signed in."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.test import Client

from lingqu.foundation.registry import api as registry
from lingqu.kernel import crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now
from lingqu.kernel.ids import uuid7
from lingqu.kernel.models import Message

from . import register, sessions
from .models import (
    Account,
    Alert,
    AlertRecipient,
    ClassSession,
    DataFile,
    GuardianRevocation,
    Passkey,
    RealNameProof,
    SchoolNetwork,
)
from .selectors import accounts
from .services import classroom, codes, guardians, phones, screens, slider, sso
from .services.issuing import set_password
from .services.opening import open_account_for, open_duty_account
from .types.words import CodePurpose

PASSWORD, PIN = "Lingqu-test-2026", "274916"
SYSTEM = Actor.system("test")
SINCE = date(2026, 9, 1)


def make_school(code: str = "3301000001", name: str = "实验小学", parent: Any = None, kind: str = "school") -> Any:
    """An organisation below ``parent`` (the root without one)."""
    parent = parent or registry.ensure_root()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('registry_organisation_label')")
        label = f"t{cursor.fetchone()[0]}"
    return register.organisations().create(
        code=code, name=name, kind=kind, parent=parent, label=label, path=f"{parent.path}.{label}"
    )


def make_person(name: str = "王小明", *, organisation: Any = None, **more: Any) -> Any:
    organisation = organisation or registry.ensure_root()
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_person_number('001', nextval('registry_person_serial'))")
        number = cursor.fetchone()[0]
    return register.people().create(
        number=number, name=name, name_key=name, name_initials="x", organisation=organisation,
        path=organisation.path, **more,
    )  # fmt: skip


def make_class(school: Any, name: str = "三（1）班") -> Any:
    year = registry.ensure_school_year("2026-2027")
    return register.classes().create(school=school, school_year=year, name=name, written_name=name)


def _related(name: str) -> Any:
    return register.people().model._meta.get_field(name).related_model.objects


def seat(person: Any, group: Any, grade: str = "G05") -> None:
    """The person sits in the class and its school."""
    _related("enrolments").create(
        person=person, school=group.school, path=group.school.path, name_key=person.name_key, grade=grade,
        valid_from=SINCE,
    )  # fmt: skip
    _related("class_memberships").create(person=person, class_group=group, valid_from=SINCE)


def employ(person: Any, organisation: Any, staff_number: str = "", post: str = "") -> None:
    _related("appointments").create(
        person=person, organisation=organisation, path=organisation.path, name_key=person.name_key,
        staff_number=staff_number, post=post, valid_from=SINCE,
    )  # fmt: skip


def give_duty(person: Any, kind: str, organisation: Any, group: Any = None) -> None:
    _related("duties").create(
        person=person, organisation=organisation, path=organisation.path, kind=kind, class_group=group,
        valid_from=SINCE,
    )  # fmt: skip


def teach(person: Any, group: Any, subject: str = "13") -> None:
    _related("teaching").create(person=person, class_group=group, subject=subject, valid_from=SINCE)


def teacher_of(group: Any, name: str) -> Account:
    """Somebody who works at the school of the class and teaches it."""
    person = make_person(name, organisation=group.school)
    employ(person, group.school)
    teach(person, group)
    return account_for(person)


def guard(guardian: Any, child: Any, kind: str = "legal") -> None:
    _related("wards").create(guardian=guardian, child=child, relation="51", kind=kind, valid_from=SINCE)


def account_for(person: Any, password: str = PASSWORD) -> Account:
    """The person's account, in use; an empty password leaves it new."""
    account = open_account_for(person.id)
    return in_use(account.id, password) if password else account


def duty_account(role: str, organisation: Any = None, login: str = "") -> Account:
    """An account in use for one granted role."""
    made = open_duty_account(
        actor=SYSTEM, name=role, login=login or f"{role}_{Account.objects.count()}", role=role,
        organisation=organisation or registry.ensure_root(),
    )  # fmt: skip
    return in_use(made.id, PASSWORD)


def set_state(account: Account, state: str) -> None:
    """Put the account into a state, without password for ``new``."""
    more = {"password": "", "activated_at": None} if state == "new" else {}
    Account.objects.filter(id=account.id).update(state=state, **more)


def solved(phone: str) -> slider.Solved:
    """As if somebody had solved the slider for this phone."""
    return slider.Solved(destination=accounts.phone_blind(accounts.normalised_phone(phone)))


def guardian_code(child: Any) -> str:
    """The code on the slip of a child's guardians."""
    wanted = codes.Wanted(purpose=CodePurpose.GUARDIAN, child_id=child.id)
    [code] = codes.issue(actor=SYSTEM, wanted=[wanted])
    return code


def sent_digits() -> str:
    """The six digits of the newest SMS that proves a phone."""
    letter = crypto.unseal_fields(Message.objects.filter(kind="identity.phone_code").latest("created_at").sealed)
    return re.findall(r"\d{6}", letter["body"])[0]


def proved(code: str, phone: str) -> dict[str, UUID]:
    """A guardian's code whose holder has proved this phone: what claiming the child asks for."""
    cause = codes.digest_of(code)
    forget_limits()
    made = guardians.send_phone_code(code_hash=cause, phone=phone, solved=solved(phone))
    phones.prove(phone_code_id=made, cause=cause, digits=sent_digits())
    return {"code_hash": cause, "phone_code_id": made}


def forget_limits() -> None:
    """Every phone and address has its whole share again."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_limit")


def in_use(account_id: UUID, password: str = PASSWORD) -> Account:
    set_password([account_id], password)
    return Account.objects.get(id=account_id)


def signed_in(account: Account, **more: Any) -> Client:
    """A browser with a session of the account, whatever its password."""
    client = Client(**more)
    session = client.session
    session[sessions.SID] = str(sso.begin(account, amr=["pwd"]).id)
    session.save()
    return client


def browser(account: Account, **more: Any) -> Client:
    """A browser in which the account has signed in through the door."""
    client = Client(**more)
    answer = client.post("/sign-in", {"login": account.login, "password": PASSWORD})
    if answer.status_code != 302:
        raise AssertionError(f"sign-in answered {answer.status_code}")
    return client


def waiting_screen() -> tuple[Client, str, int]:
    """A screen that waits, the code in its QR code and the number beside it."""
    screen = Client(HTTP_USER_AGENT="Screen/1")
    secrets: list[str] = []
    made = screens.new_secret

    def noted() -> str:
        secrets.append(made())
        return secrets[-1]

    screens.new_secret = noted
    try:
        page = screen.get("/screen")
    finally:
        screens.new_secret = made
    shown = screens.wait(secret=secrets[0], address="127.0.0.1")
    if (page.status_code, page["Refresh"]) != (200, "3") or f">{shown.number}</b>" not in page.content.decode():
        raise AssertionError(f"the screen does not wait: {page.status_code}")
    return screen, shown.code, shown.number


def class_screen(teacher: Account, group: Any) -> Client:
    """A class screen on which a lesson of the teacher runs."""
    screen, code, number = waiting_screen()
    browser(teacher).post("/screen/scan", {"c": code, "class": str(group.id), "number": str(number)})
    answer = screen.get("/screen")
    if answer.status_code != 302:
        raise AssertionError(f"the screen was not let in: {answer.status_code}")
    return screen


class Room:
    """A class with a teacher and pupils whose accounts were never in use."""

    def __init__(self, grade: str = "G08", *, pupils: int = 3, school: Any = None) -> None:
        self.group = make_class(school or make_school(), "八（3）班")
        self.group.grades = [grade]
        self.group.save()
        person = make_person("苏老师", organisation=self.group.school)
        employ(person, self.group.school)
        teach(person, self.group)
        self.teacher = account_for(person)
        self.pupils = [self._pupil(f"学生{at}", at, grade) for at in range(1, pupils + 1)]
        self.desk = browser(self.teacher)

    def _pupil(self, name: str, number: int, grade: str) -> Account:
        person = make_person(name, organisation=self.group.school)
        seat(person, self.group, grade)
        person.class_memberships.update(number=number)
        return account_for(person, password="")

    def open(self) -> str:
        """The class code of a new lesson."""
        answer = self.desk.post("/computer-room", {"class": str(self.group.id)})
        assert answer["Location"] == f"/computer-room/{self.session.id}"
        return classroom.code_of(self.session)

    @property
    def session(self) -> ClassSession:
        return ClassSession.objects.latest("began_at")

    def act(self, do: str, *who: Account) -> Any:
        return self.desk.post(f"/computer-room/{self.session.id}/act", {"do": do, "who": [str(one.id) for one in who]})

    def at(self, code: str) -> Client:
        """A computer at which the class code was typed."""
        pc = Client(REMOTE_ADDR="10.1.1.1")
        assert pc.post("/class-code", {"code": code})["Location"] == "/class-code/me"
        return pc

    def first_time(self, code: str, number: int = 1, pin: str = PIN) -> Client:
        """A pupil without a PIN who chose one and waits."""
        pc = self.at(code)
        assert pc.post("/class-code/me", {"number": str(number), "pin": ""})["Location"] == "/class-code/pin"
        assert pc.post("/class-code/pin", {"pin": ""}).status_code == 200
        assert pc.post("/class-code/pin", {"pin": pin, "repeat": pin})["Location"] == "/class-code/pin"
        return pc


def node_samples(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """A lesson that a teacher of the own node opened, and one of the other node."""
    stranger = account_for(make_person("邻县教师", organisation=world.other.school))
    own, other = _lessons_of(world.own, world.accounts["teacher"]), _lessons_of(world.other, stranger)
    rooms = dict.fromkeys(("room", "room_seats", "room_act"), "room")
    proposals = (_proposal_at(world.own), _proposal_at(world.other))
    proofs = (_proof_at(world.own), _proof_at(world.other))
    colleague = account_for(make_person("同校教师", organisation=world.own.school))
    keys = [
        Passkey.objects.create(account=one, credential_id=one.id.bytes, public_key=b"", name="x")
        for one in (colleague, stranger)
    ]
    files = [
        DataFile.objects.create(account=one, person_id=one.person_id, kind="json")
        for one in (world.accounts["teacher"], stranger)
    ]
    return {
        "identity:take_data": ({"file_id": files[0].id}, {"file_id": files[1].id}),
        **{
            f"identity:{name}": ({"session_id": own[kind]}, {"session_id": other[kind]})
            for name, kind in {**rooms, "screen_end": "screen"}.items()
        },
        **_alerts_of(world),
        "identity:decide_revocation": proposals,
        "identity:revocation_document": proposals,
        "identity:revoke_real_name": proofs,
        "identity:remove_passkey": ({"passkey_id": keys[0].id}, {"passkey_id": keys[1].id}),
    }


def _proposal_at(node: Any) -> dict[str, Any]:
    made = GuardianRevocation.objects.create(
        child=node.pupil,
        guardianship=node.parent.wards.get().id,
        guardian_name="家长",
        reason="判决",
        proposed_by="班主任",
    )
    return {"revocation_id": made.id}


def _proof_at(node: Any) -> dict[str, Any]:
    account = open_account_for(node.pupil.id)
    made = RealNameProof.objects.create(account=account, source="teacher", noted_by="班主任")
    return {"number": node.pupil.number, "proof_id": made.id}


def _lessons_of(node: Any, account: Account) -> dict[str, UUID]:
    return {
        kind: ClassSession.objects.create(
            kind=kind, class_group=node.group, account=account, ends_at=now() + timedelta(minutes=40)
        ).id
        for kind in ("room", "screen")
    }


def _alerts_of(world: Any) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """An alert of each node; recipients and networks have no place, so both stand outside a county."""
    alerts = [
        Alert.objects.create(rule="recovery_code", subject=uuid7(), path=str(node.county.path), day=now().date())
        for node in (world.own, world.other)
    ]
    recipient = AlertRecipient.objects.create(address="duty@example.org", added_by="x")
    network = SchoolNetwork.objects.create(address_blind=uuid7(), source="set", name="x")
    beside = {"remove_alert_recipient": {"recipient_id": recipient.id}, "refuse_network": {"network_id": network.id}}
    return {
        **{
            f"identity:{name}": ({"alert_id": alerts[0].id}, {"alert_id": alerts[1].id})
            for name in ("alert_seen", "close_alert", "alert_network")
        },
        **{f"identity:{name}": (given, given) for name, given in beside.items()},
    }
