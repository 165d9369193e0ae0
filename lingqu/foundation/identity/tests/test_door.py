"""Signing in by each kind of login, what a stranger learns, throttling, sessions and their end, activation."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth import hashers
from django.db import connection
from django.test import Client

from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import hashing, testing
from lingqu.foundation.identity.models import Account, ActivationCode, SignInAttempt
from lingqu.foundation.identity.selectors.accounts import phone_blind
from lingqu.foundation.identity.services import activation, codes, throttle
from lingqu.foundation.identity.services.standing import choose_language
from lingqu.foundation.registry import api as registry
from lingqu.kernel.access import access_of
from lingqu.kernel.actor import Actor
from lingqu.kernel.errors import Forbidden
from lingqu.kernel.models import AuditEntry

PHONE = "13800000016"


def enter(login: str, password: str = testing.PASSWORD, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post("/sign-in", {"login": login, "password": password}, **more)


@pytest.fixture
def teacher(db: None) -> Account:
    school = testing.make_school("3301000001")
    person = testing.make_person("李老师", organisation=school)
    testing.employ(person, school, "T007")
    account = testing.account_for(person)
    account.verified_phone_blind, account.verified_email = phone_blind(PHONE), "li@example.cn"
    account.save(update_fields=["verified_phone_blind", "verified_email"])
    return account


@pytest.mark.parametrize(
    "written",
    ["{number}", " {number} ", "3301000001-T007", "3301000001-t007", PHONE, "138 0000 0016", "+86 138-0000-0016",
     "１３８００００００１６", "li@example.cn", "LI@Example.cn"],
)  # fmt: skip
def test_each_kind_of_login_opens_the_door(teacher: Account, written: str) -> None:
    client = Client()
    answer = enter(written.format(number=teacher.login), client=client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert teacher.person.name in client.get("/me").content.decode()
    assert list(SignInAttempt.objects.values_list("account", "outcome")) == [(teacher.id, "ok")]


def test_a_duty_account_signs_in_by_its_name(db: None) -> None:
    account = testing.duty_account("auditor", login="audit.one")
    assert "审计员" in testing.browser(account).get("/me").content.decode()


def test_an_imported_phone_opens_nothing(db: None) -> None:
    testing.account_for(testing.make_person(phone_blind=phone_blind("13900000001")))
    assert enter("13900000001").status_code == 422


def test_a_stranger_learns_nothing(teacher: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown, not in use, stopped and wrong password: one sentence, one status, one hash."""
    new = testing.account_for(testing.make_person(), password="")
    locked = testing.account_for(testing.make_person())
    identity.lock_account(actor=testing.SYSTEM, account=locked)
    checked: list[str] = []
    original = hashers.check_password
    monkeypatch.setattr(hashing.hashers, "check_password", lambda *a, **k: checked.append(a[0]) or original(*a, **k))
    answers = {}
    for name, login in (
        ("unknown", "999000000000"), ("wrong", teacher.login), ("new", new.login), ("locked", locked.login),
        ("staff", "3301000001-T999"), ("mail", "no@example.cn"),
    ):  # fmt: skip
        answer = enter(login, "Wrong-password-1")
        page = answer.content.decode().replace(login, "")
        start = page.index('role="alert"')
        answers[name] = (answer.status_code, page[start : page.index("</div>", start)])
    assert len(set(answers.values())) == 1
    assert answers["unknown"][0] == 422
    assert len(checked) == 6
    outcomes = list(SignInAttempt.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["unknown", "bad_password", "not_active", "locked", "unknown", "unknown"]


def test_the_cost_of_a_check_is_argon2(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["lingqu.foundation.identity.hashing.Argon2Hasher"]
    assert hashers.make_password("x").startswith("argon2$argon2id$v=19$m=32768,t=3,p=1$")


def test_guessing_from_one_address_does_not_stop_the_pupil_elsewhere(db: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(throttle, "LONGEST_WAIT", 0)
    account = testing.account_for(testing.make_person())
    answers = [enter(account.login, "Wrong-1234", REMOTE_ADDR="203.0.113.9") for _try in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) >= 1
    outcomes = list(SignInAttempt.objects.order_by("id").values_list("outcome", flat=True))
    assert outcomes == ["bad_password"] * 10 + ["throttled"]
    assert enter(account.login, REMOTE_ADDR="198.51.100.7").status_code == 302
    account.refresh_from_db()
    assert account.state == "active"


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/me", "/me"), ("/people?q=1", "/people?q=1"), ("//evil.example", "/"), ("https://evil.example/", "/"),
     ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("/sign-out", "/"), ("", "/")],
)  # fmt: skip
def test_only_addresses_of_ours_are_gone_to_next(teacher: Account, wanted: str, reached: str) -> None:
    answer = Client().post("/sign-in", {"login": teacher.login, "password": testing.PASSWORD, "next": wanted})
    assert answer["Location"] == reached


def test_the_door_asks_and_remembers_where_one_wanted_to_go(teacher: Account) -> None:
    client = Client()
    answer = client.get("/me")
    assert answer["Location"] == "/sign-in?next=%2Fme"
    page = client.get(answer["Location"]).content.decode()
    assert 'name="next" value="/me"' in page
    assert "人员编号、工号或已验证的手机号" in page
    assert "<script>" not in page
    assert " style=" not in page


def test_a_new_session_forgets_the_old_one(teacher: Account) -> None:
    client = testing.browser(teacher)
    first = client.session.session_key
    other = testing.duty_account("auditor")
    assert enter(other.login, client=client).status_code == 302
    assert client.session.session_key != first
    assert teacher.person.name not in client.get("/me").content.decode()


def test_signing_out_needs_a_post_and_ends_the_session(teacher: Account) -> None:
    client = testing.browser(teacher)
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 302
    assert client.get("/me").status_code == 302


@pytest.mark.parametrize("cause", ["password", "lock", "end_sessions"])
def test_sessions_end_with_their_cause(teacher: Account, cause: str) -> None:
    client = testing.browser(teacher)
    assert client.get("/me").status_code == 200
    if cause == "password":
        identity.set_password([teacher.id], "Another-2026")
    elif cause == "lock":
        identity.lock_account(actor=testing.SYSTEM, account=teacher)
    else:
        identity.end_sessions([teacher.id])
    assert client.get("/me").status_code == 302


def test_a_role_taken_back_is_gone_at_the_next_request(db: None) -> None:
    account = testing.duty_account("security_admin")
    client = testing.browser(account)
    assert client.get("/me").wsgi_request.actor.has(identity.rights.ROLE_GRANT)
    identity.end_role(actor=testing.SYSTEM, assignment_id=account.roles.get().id)
    actor = client.get("/me").wsgi_request.actor
    assert (actor.role, actor.has(identity.rights.ROLE_GRANT)) == ("", False)


def test_switching_the_role(teacher: Account) -> None:
    school = teacher.person.organisation
    testing.give_duty(teacher.person, "school_admin", school)
    client = testing.browser(teacher)
    assert client.get("/me").wsgi_request.actor.role == "school_admin"
    assert client.post("/me/role", {"role": f"teacher@{school.id}", "next": "/me"})["Location"] == "/me"
    actor: Actor = client.get("/me").wsgi_request.actor
    assert (actor.role, actor.organisation_id, len(actor.request_id)) == ("teacher", school.id, 36)
    assert client.post("/me/role", {"role": f"county_admin@{school.id}"}).status_code == 403
    assert testing.browser(teacher).get("/me").wsgi_request.actor.role == "teacher"
    assert client.get("/me/role").status_code == 405


def test_the_language_of_an_account_goes_before_that_of_the_browser(teacher: Account) -> None:
    client = testing.browser(teacher)
    assert client.get("/me")["Content-Language"] == "zh-hans"
    client.post("/ui/language", {"language": "en", "next": "/me"})
    teacher.refresh_from_db()
    assert teacher.language == "en"
    assert testing.browser(teacher).get("/me", headers={"accept-language": "zh-CN"})["Content-Language"] == "en"
    assert AuditEntry.objects.filter(action="identity.account.language_chosen", subject_id=str(teacher.id)).count() == 1
    client.post("/ui/language", {"language": "en"})
    assert AuditEntry.objects.filter(action="identity.account.language_chosen").count() == 1


def test_a_strangers_choice_of_language_stays_in_the_browser(teacher: Account) -> None:
    client = Client()
    client.post("/ui/language", {"language": "en"})
    assert client.get("/sign-in")["Content-Language"] == "en"
    client.post("/ui/language", {"language": "xx"})
    assert client.get("/sign-in")["Content-Language"] == "en"
    assert not AuditEntry.objects.filter(action="identity.account.language_chosen").exists()


def test_nobody_chooses_for_somebody_else(db: None) -> None:
    with pytest.raises(Forbidden):
        choose_language(actor=Actor.anonymous(), language="en")


def test_the_own_page_says_who_may_see_me(db: None) -> None:
    school = testing.make_school()
    group = testing.make_class(school)
    child, head = testing.make_person("小朋友", organisation=school), testing.make_person("班主任赵")
    parent, leader = testing.make_person("家长钱"), testing.make_person("校长孙")
    testing.seat(child, group)
    testing.guard(parent, child)
    testing.give_duty(head, "head_teacher", school, group)
    testing.give_duty(leader, "principal", school)
    client = testing.browser(testing.account_for(child))
    page = client.get("/me").content.decode()
    assert [name in page for name in ("班主任赵", "家长钱", "实验小学", "校长")] == [True] * 4
    assert "校长孙" not in page
    assert Client().get("/me").status_code == 302


def code_for(account: Account) -> str:
    purpose = "reset" if account.state == "active" else "pupil"
    [made] = identity.issue_codes(actor=testing.SYSTEM, account_ids=[account.id], purpose=purpose)
    return made.code


def test_a_code_becomes_a_password_once(db: None) -> None:
    account = testing.account_for(testing.make_person(), password="")
    code, client = code_for(account), Client()
    form = {"code": code.lower().replace("-", " "), "password": "Quiet-river-7", "repeat": "Quiet-river-7"}
    assert client.post("/activate", form)["Location"] == "/me"
    assert account.login in client.get("/me").content.decode()
    account.refresh_from_db()
    assert (account.state, account.activated_at is not None) == ("active", True)
    assert AuditEntry.objects.filter(action="identity.account.activated", subject_id=str(account.id)).count() == 1
    again = Client().post("/activate", form)
    assert (again.status_code, "这个开通码不能用" in again.content.decode()) == (422, True)
    assert enter(account.login, "Quiet-river-7").status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [({"repeat": "Other-river-7"}, "repeat"), ({"password": "short", "repeat": "short"}, "password"),
     ({"password": "12345678", "repeat": "12345678"}, "password"), ({"code": "AAAA-BBBB-CCCC"}, "code")],
)  # fmt: skip
def test_what_stops_an_activation_leaves_the_code_usable(db: None, change: dict[str, str], field: str) -> None:
    account = testing.account_for(testing.make_person(), password="")
    form = {"code": code_for(account), "password": "Quiet-river-7", "repeat": "Quiet-river-7"}
    answer = Client().post("/activate", {**form, **change})
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.content.decode()
    account.refresh_from_db()
    assert account.state == "new"
    assert Client().post("/activate", form).status_code == 302


def test_a_code_that_is_over_opens_nothing(db: None) -> None:
    account = testing.account_for(testing.make_person(), password="")
    code = code_for(account)
    ActivationCode.objects.update(expires_at=account.opened_at)
    form = {"code": code, "password": "Quiet-river-7", "repeat": "Quiet-river-7"}
    assert Client().post("/activate", form).status_code == 422


def test_a_stopped_account_is_not_opened_by_its_code(db: None) -> None:
    account = testing.account_for(testing.make_person(), password="")
    code = code_for(account)
    identity.lock_account(actor=testing.SYSTEM, account=account)
    form = {"code": code, "password": "Quiet-river-7", "repeat": "Quiet-river-7"}
    assert Client().post("/activate", form).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_six_at_once_exactly_one_uses_the_code() -> None:
    registry.prepare()
    account = testing.account_for(testing.make_person(), password="")
    digest, start, results = codes.digest_of(code_for(account)), threading.Barrier(6), []

    def try_it(number: int) -> None:
        start.wait()
        try:
            activation.activate(code_hash=digest, password=f"Quiet-river-{number}")
            results.append(f"Quiet-river-{number}")
        except codes.CodeUnusable:
            results.append("")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [password for password in results if password]
    assert (len(results), len(winners)) == (6, 1)
    assert enter(account.login, winners[0]).status_code == 302


def test_every_address_says_whom_it_is_for() -> None:
    from lingqu.foundation.identity.web import urls

    declared = {str(route.pattern): access_of(route.callback) for route in urls.urlpatterns}
    assert all(declared.values())
    public = {name for name, access in declared.items() if access and access.kind == "public"}
    assert {"sign-in", "sign-out", "activate"} <= public
    assert "me" not in public
