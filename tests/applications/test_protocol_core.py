"""What protocols rely on: entry, one id, claims as granted, consent, participations and their notices, releases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lingqu.foundation.applications import api as applications
from lingqu.foundation.applications.models import (
    Consent,
    LogoutNotice,
    Participation,
    Release,
    RequestLog,
    Secret,
    Subject,
)
from lingqu.foundation.applications.selectors.consents import is_younger
from lingqu.foundation.applications.services.telling import send_due
from lingqu.foundation.applications.testing import SYSTEM, adopt, make_application, secret_of
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account
from lingqu.foundation.identity.services import sso
from lingqu.foundation.registry.models import Person
from lingqu.kernel import audit
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now, today
from lingqu.kernel.errors import Conflict, Forbidden, Invalid
from lingqu.kernel.testing import deliver_events, run_jobs, waiting_jobs


def standing(account: Account) -> identity.Standing:
    return identity.standing_of(account)


@pytest.fixture
def school(db: None) -> Any:
    county = testing.make_school("330101", "云汀县", kind="region")
    return testing.make_school("3301010001", "第三中学", parent=county)


@pytest.fixture
def teacher(school: Any) -> Account:
    person = testing.make_person("苏文", organisation=school)
    testing.employ(person, school)
    testing.teach(person, testing.make_class(school))
    return testing.account_for(person)


def pupil_of(school: Any, born: date | None = None) -> Account:
    person = testing.make_person("林小禾", organisation=school, birth_date=born, sex="2")
    testing.seat(person, testing.make_class(school, "五（2）班"))
    return testing.account_for(person)


def session_of(account: Account) -> identity.SessionFact:
    found = identity.find_sso_session(sso.begin(account, amr=("pwd",)).id)
    assert found is not None
    return found


def refusal(app: applications.App, account: Account) -> str:
    try:
        applications.require_entry(app=app, session=session_of(account), standing=standing(account))
    except applications.EntryRefused as error:
        return error.code
    return ""


def test_an_application_is_found_in_one_statement_with_what_it_was_granted() -> None:
    made = make_application(scopes=["profile", "roles"], by_consent=["phone"])
    with CaptureQueriesContext(connection) as asked:
        found = applications.find_application(made.client_id)
    assert len(asked) == 1
    assert found == made
    assert found.scopes == ("openid", "phone", "profile", "roles")
    assert found.consent_scopes == ("phone",)
    assert (found.client_id[:2], len(found.client_id), found.is_live) == ("lq", 18, True)


@pytest.mark.parametrize("client_id", ["", "lqunknown", "x" * 5000, "a\0b", "'; drop table"])
def test_strange_client_ids_find_nothing(client_id: str) -> None:
    assert applications.find_application(client_id) is None


def again(app: applications.App) -> applications.App:
    """The application as a request reads it."""
    found = applications.find_application(app.client_id)
    assert found is not None
    return found


def test_old_and_new_secret_hold_together_until_the_old_one_ends() -> None:
    app = make_application()
    first, second = secret_of(app), secret_of(app)
    assert all(applications.check_secret(app=again(app), secret=one) for one in (first, second))
    assert not applications.check_secret(app=again(app), secret=first + "x")
    assert not applications.check_secret(app=again(make_application()), secret=first)
    Secret.objects.filter(hint=first[-4:]).update(expires_at=now() - timedelta(seconds=1))
    assert not applications.check_secret(app=again(app), secret=first)
    assert applications.check_secret(app=again(app), secret=second)
    applications.revoke_secret(actor=SYSTEM, application_id=app.id, secret_id=Secret.objects.get(hint=second[-4:]).id)
    assert not applications.check_secret(app=again(app), secret=second)


def test_a_secret_is_kept_as_digest_only_and_not_more_than_four_hold() -> None:
    app = make_application()
    values = [secret_of(app) for _each in range(4)]
    with pytest.raises(Conflict):
        secret_of(app)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(s)::text FROM applications_secret s")
        stored = "".join(row[0] for row in cursor.fetchall())
    assert not any(value in stored for value in values)


def test_entry_needs_an_adoption_that_reaches_the_place(school: Any, teacher: Account) -> None:
    elsewhere = testing.make_school("3302010001", "别处中学")
    assert refusal(make_application(), teacher) == ""
    assert refusal(make_application(adopted_by=[school]), teacher) == ""
    assert refusal(make_application(adopted_by=[school.parent]), teacher) == ""
    assert refusal(make_application(adopted_by=[elsewhere]), teacher) == "not_adopted"
    assert refusal(make_application(adopted_by=[]), teacher) == "not_adopted"
    ended = make_application(adopted_by=[])
    adopt(ended, school, valid_until=today())
    assert refusal(ended, teacher) == "not_adopted"
    later = make_application(adopted_by=[])
    adopt(later, school, valid_from=today() + timedelta(days=1))
    assert refusal(later, teacher) == "not_adopted"


def test_entry_is_for_the_roles_of_application_and_adoption(school: Any, teacher: Account) -> None:
    pupil = pupil_of(school)
    app = make_application(audiences=["teacher"])
    assert (refusal(app, teacher), refusal(app, pupil)) == ("", "audience")
    app = make_application(adopted_by=[])
    adopt(app, school, audiences=["student"])
    assert (refusal(app, teacher), refusal(app, pupil)) == ("audience", "")


def test_a_guardian_enters_where_the_child_sits(school: Any) -> None:
    pupil = pupil_of(school)
    mother = testing.make_person("林母", organisation=school)
    testing.guard(mother, Person.objects.get(id=pupil.person_id))
    account = testing.account_for(mother)
    assert refusal(make_application(adopted_by=[school], audiences=["guardian"]), account) == ""


@pytest.mark.parametrize("state", ["suspended", "retired", "refused", "draft", "submitted"])
def test_what_is_not_live_is_not_entered(state: str, teacher: Account) -> None:
    app = make_application(state=state)
    assert (app.is_live, refusal(app, teacher)) == (False, "not_live")


def test_a_sandbox_is_for_its_people_only(teacher: Account) -> None:
    app = make_application(state="draft", is_sandbox=True)
    assert (app.is_live, refusal(app, teacher)) == (True, "sandbox")


def test_one_id_for_an_account_in_an_application(teacher: Account, school: Any) -> None:
    pairwise, other = make_application(), make_application("另一个")
    public = make_application("公开", subject_type="public")
    value = applications.subject_of(app=pairwise, account_id=teacher.id)
    assert value == applications.subject_of(app=pairwise, account_id=teacher.id)
    assert value != applications.subject_of(app=other, account_id=teacher.id)
    assert value != applications.subject_of(app=pairwise, account_id=pupil_of(school).id)
    assert (len(value), value.islower(), teacher.id.hex in value) == (26, True, False)
    assert applications.subject_of(app=public, account_id=teacher.id) == teacher.id.hex
    assert applications.find_account_by_subject(app=pairwise, subject=value) == teacher.id
    assert applications.find_account_by_subject(app=other, subject=value) is None
    for strange in ("", "x" * 999, "a\0b"):
        assert applications.find_account_by_subject(app=pairwise, subject=strange) is None


def test_after_a_merge_both_ids_mean_the_surviving_account(teacher: Account, school: Any) -> None:
    app = make_application()
    double = testing.account_for(testing.make_person("苏文", organisation=school))
    kept = applications.subject_of(app=app, account_id=teacher.id)
    former = applications.subject_of(app=app, account_id=double.id)
    Person.objects.filter(id=double.person_id).update(canonical_id=teacher.person_id)
    assert applications.subject_of(app=app, account_id=teacher.id) == kept
    assert applications.find_account_by_subject(app=app, subject=former) == teacher.id
    assert applications.find_account_by_subject(app=app, subject=kept) == teacher.id
    assert Subject.objects.count() == 2


def claims(app: applications.App, account: Account, *scopes: str, **more: Any) -> dict[str, Any]:
    return applications.claims_of(app=app, account_id=account.id, scopes=scopes, subject="s1", **more)


def test_claims_are_those_asked_for_and_granted(teacher: Account, school: Any) -> None:
    app = make_application(scopes=["profile", "roles", "classes"])
    assert claims(app, teacher, "openid") == {"sub": "s1"}
    assert claims(app, teacher, "openid", "phone", "person_number", "gender", "nonsense") == {"sub": "s1"}
    told = claims(app, teacher, "openid", "profile", "roles", "classes")
    assert told["name"] == "苏文"
    assert isinstance(told["updated_at"], int)
    assert told["lingqu_roles"] == [{"role": "teacher", "organisation": {"code": "3301010001", "name": "第三中学"}}]
    assert [one["name"] for one in told["lingqu_classes"]] == ["三（1）班"]
    assert set(told) == {"sub", "name", "updated_at", "lingqu_roles", "lingqu_classes"}


def test_a_pupils_claims(school: Any) -> None:
    pupil = pupil_of(school)
    told = claims(make_application(scopes=["gender", "person_number", "classes"]), pupil, *applications.SCOPES)
    assert (told["gender"], told["lingqu_person_number"]) == ("female", pupil.login)
    assert "name" not in told
    assert [one["name"] for one in told["lingqu_classes"]] == ["五（2）班"]


def test_a_claim_by_consent_comes_only_with_it_and_goes_with_it(teacher: Account) -> None:
    Person.objects.filter(id=teacher.person_id).update(email="su@example.cn")
    app, me = make_application(scopes=["profile"], by_consent=["email"]), identity.actor_for(teacher)
    asked = {"app": app, "account_id": teacher.id, "scopes": ["profile", "email"]}
    assert "email" not in claims(app, teacher, "profile", "email")
    assert applications.missing_consent(**asked)
    applications.give_consent(actor=me, app=app, account_id=teacher.id, scopes=["email"])
    applications.give_consent(actor=me, app=app, account_id=teacher.id, scopes=["email"])
    assert Consent.objects.count() == 1
    assert not applications.missing_consent(**asked)
    told = claims(app, teacher, "profile", "email")
    assert (told["email"], told["email_verified"]) == ("su@example.cn", False)
    applications.end_consent(actor=me, consent_id=Consent.objects.get().id)
    assert "email" not in claims(app, teacher, "profile", "email")


def test_nothing_is_consented_that_rests_on_another_basis_or_by_somebody_else(teacher: Account, school: Any) -> None:
    app = make_application(scopes=["profile"], by_consent=["email"])
    with pytest.raises(Invalid):
        applications.give_consent(
            actor=identity.actor_for(teacher), app=app, account_id=teacher.id, scopes=["profile", "email"]
        )
    with pytest.raises(Forbidden):
        applications.give_consent(
            actor=identity.actor_for(pupil_of(school)), app=app, account_id=teacher.id, scopes=["email"]
        )
    assert Consent.objects.count() == 0


@pytest.mark.parametrize(("age", "alone"), [(13, False), (14, True), (None, False)])
def test_the_guardian_consents_for_pupils_under_fourteen(school: Any, age: int | None, alone: bool) -> None:
    born = today().replace(year=today().year - age) if age else None
    pupil = pupil_of(school, born)
    app = make_application(by_consent=["email"])
    asked = {"app": app, "account_id": pupil.id, "scopes": ["email"]}
    if alone:
        applications.give_consent(actor=identity.actor_for(pupil), **asked)
        assert Consent.objects.get().given_by == "self"
        return
    with pytest.raises(Forbidden) as refused:
        applications.give_consent(actor=identity.actor_for(pupil), **asked)
    assert refused.value.code == "guardian_needed"
    child = Person.objects.get(id=pupil.person_id)
    parent, helper = testing.make_person("林父", organisation=school), testing.make_person("外婆", organisation=school)
    testing.guard(parent, child)
    testing.guard(helper, child, kind="proxy")
    with pytest.raises(Forbidden):
        applications.give_consent(actor=identity.actor_for(testing.account_for(helper)), **asked)
    applications.give_consent(actor=identity.actor_for(testing.account_for(parent)), **asked)
    assert (Consent.objects.get().given_by, Consent.objects.get().account_id) == ("guardian", pupil.id)
    assert not applications.missing_consent(**asked)


def test_fourteen_is_reached_on_the_birthday() -> None:
    assert is_younger(date(2012, 11, 29), 14, date(2026, 11, 28))
    assert not is_younger(date(2012, 11, 28), 14, date(2026, 11, 28))
    assert is_younger(date(2012, 2, 29), 14, date(2026, 2, 28))
    assert not is_younger(date(2012, 2, 29), 14, date(2026, 3, 1))


def test_a_class_screen_shows_no_phone(teacher: Account) -> None:
    Person.objects.filter(id=teacher.person_id).update(email="su@example.cn")
    app = make_application(scopes=["profile", "email"])
    session = identity.SessionFact(
        id=uuid4(),
        account_id=teacher.id,
        kind="class_screen",
        amr=("pwd",),
        auth_time=now(),
        expires_at=now(),
        began_at=now(),
        group_id=None,
        ended_at=None,
        ended_because="",
    )
    assert set(claims(app, teacher, "profile", "email", session=session)) == {"sub", "name", "updated_at"}


def test_a_release_counts_and_stands_on_the_trail_once_a_day(teacher: Account) -> None:
    app = make_application()
    for _each in range(3):
        applications.record_release(app=app, account_id=teacher.id, protocol="oidc", fields=["name", "sub"])
    applications.record_release(app=app, account_id=teacher.id, protocol="oidc", fields=["sub"])
    row = Release.objects.get()
    assert (row.count, row.fields, row.person_id, row.day) == (3, ["name"], teacher.person_id, today())
    entries = audit.list_entries(Actor.system("t"), audit.Filter(action="applications.released")).items
    assert [(one.subject_id, one.data["fields"]) for one in entries] == [(str(teacher.person_id), ["name"])]


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append(body.decode())  # type: ignore[attr-defined]
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_parts: Any) -> None:
        """Quiet."""


@pytest.fixture
def hook(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An application that takes logout messages, and a protocol ``oidc`` that makes them."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    made.seen, made.status = [], 200  # type: ignore[attr-defined]
    settings.LINGQU_OUTGOING_ALLOW = ("127.0.0.1/32",)
    threading.Thread(target=made.serve_forever, daemon=True).start()

    def call(took: applications.Took) -> applications.LogoutCall | None:
        url = took.data.get("url")
        body = f"sid={took.session_id}&sub={took.subject}".encode()
        return applications.LogoutCall(url=url, body=body) if url else None

    monkeypatch.setitem(applications.LOGOUT, "oidc", call)
    made.url = f"http://127.0.0.1:{made.server_port}/out"  # type: ignore[attr-defined]
    yield made
    made.shutdown()
    made.server_close()


def test_the_end_of_a_session_is_told_to_each_application_once(hook: Any, teacher: Account) -> None:
    session = sso.begin(teacher, amr=["pwd"])
    first, quiet = make_application(), make_application("不通知的")
    for _each in range(2):
        applications.join(session_id=session.id, app=first, protocol="oidc", data={"url": hook.url})
    applications.join(session_id=session.id, app=quiet, protocol="oidc", data={})
    assert Participation.objects.count() == 2
    sso.end([session.id], identity.SessionEnd.SIGNED_OUT)
    deliver_events()
    assert [name for name, _arguments in waiting_jobs()].count("applications.send_logout_notices") == 1
    run_jobs("applications.send_logout_notices")
    subject = applications.subject_of(app=first, account_id=teacher.id)
    assert hook.seen == [f"sid={session.id}&sub={subject}"]
    notice = LogoutNotice.objects.get()
    assert (notice.state, notice.tries, notice.http_status, notice.target) == ("sent", 1, 200, hook.url)
    assert notice.sent_at is not None


def test_a_failing_application_is_told_again_and_given_up_within_the_hour(hook: Any, teacher: Account) -> None:
    session, app = sso.begin(teacher, amr=["pwd"]), make_application()
    hook.status = 500
    applications.join(session_id=session.id, app=app, protocol="oidc", data={"url": hook.url})
    sso.end([session.id], identity.SessionEnd.SIGNED_OUT)
    deliver_events()
    for tries in range(1, 6):
        LogoutNotice.objects.update(next_at=now())
        send_due()
        notice = LogoutNotice.objects.get()
        assert (notice.tries, notice.state) == (tries, "failed" if tries < 5 else "given_up")
        assert notice.next_at - now() < timedelta(hours=1)
    LogoutNotice.objects.update(next_at=now())
    send_due()
    assert len(hook.seen) == 5


def test_a_notice_never_goes_into_the_own_network(hook: Any, settings: Any, teacher: Account) -> None:
    settings.LINGQU_OUTGOING_ALLOW = ()
    session, app = sso.begin(teacher, amr=["pwd"]), make_application()
    applications.join(session_id=session.id, app=app, protocol="oidc", data={"url": hook.url})
    sso.end([session.id], identity.SessionEnd.SIGNED_OUT)
    deliver_events()
    run_jobs("applications.send_logout_notices")
    notice = LogoutNotice.objects.get()
    assert (hook.seen, notice.state, notice.error) == ([], "failed", "网址要以 https:// 开头。")


def test_suspending_shuts_everybody_out_and_is_published(teacher: Account) -> None:
    app = make_application()
    with pytest.raises(Invalid):
        applications.suspend(actor=SYSTEM, application_id=app.id, reason=" ")
    applications.suspend(actor=SYSTEM, application_id=app.id, reason="数据外传")
    now_is = applications.get_application(app.id)
    assert (now_is.is_live, refusal(now_is, teacher)) == (False, "not_live")
    with pytest.raises(Conflict):
        applications.suspend(actor=SYSTEM, application_id=app.id, reason="再来")
    applications.resume(actor=SYSTEM, application_id=app.id)
    assert refusal(applications.get_application(app.id), teacher) == ""
    secret = secret_of(app)
    applications.retire(actor=SYSTEM, application_id=app.id)
    assert not applications.check_secret(app=again(app), secret=secret)


def test_the_request_log_is_cut_to_size() -> None:
    app = make_application()
    applications.log_request(
        app=app, protocol="oidc", endpoint="/oauth/token", outcome="invalid_grant", detail="x\0" * 900, milliseconds=12
    )
    row = RequestLog.objects.get()
    assert (row.outcome, len(row.detail) <= 500, row.milliseconds) == ("invalid_grant", True, 12)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "长" * 61), ("home_url", "javascript:alert(1)"), ("entry_url", "http://10.0.0.1/"),
     ("audiences", ["emperor"]), ("session_minutes", 2), ("subject_type", "none"), ("category", "x")],
)  # fmt: skip
def test_details_are_checked(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        applications.create_live(actor=SYSTEM, details=applications.Details(**{"name": "好应用", field: value}))
    assert field in refused.value.details
