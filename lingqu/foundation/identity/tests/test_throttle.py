"""Guessing is slowed; nobody can be kept out by what others type."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, KnownDevice, SignInAttempt
from lingqu.foundation.identity.services import activation, signing_in, throttle
from lingqu.foundation.identity.services.signing_in import Origin
from lingqu.kernel.clock import now

pytestmark = pytest.mark.django_db
ROOM = "10.1.2.3"
"""One line for a whole computer room."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch) -> None:
    """Hundreds of guesses must take less time than a bucket takes to refill, so nothing is hashed here."""
    monkeypatch.setattr(throttle, "LONGEST_WAIT", 0)
    monkeypatch.setattr(
        signing_in.hashing, "is_right", lambda typed, stored: bool(stored) and typed == testing.PASSWORD
    )


@pytest.fixture
def pupil() -> Account:
    return testing.account_for(testing.make_person("小禾"))


def guess(login: str, *, device: str = "", address: str = ROOM, times: int = 1) -> list[str]:
    """Wrong passwords; what each attempt came to."""
    seen = []
    for at in range(times):
        try:
            signing_in.sign_in(login=login, password=f"wrong-{at}", origin=Origin(address=address, device=device))
        except signing_in.SignInRefused:
            seen.append("refused")
        except throttle.Slowed:
            seen.append("slowed")
    return seen


def gets_in(account: Account, *, device: str = "", address: str = ROOM) -> bool:
    origin = Origin(address=address, device=device)
    return signing_in.sign_in(login=account.login, password=testing.PASSWORD, origin=origin).accounts == (account.id,)


def pass_time(seconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE identity_throttle SET free_at = free_at - %s * interval '1 second'", [seconds])


def test_one_browser_is_slowed_for_one_login(pupil: Account) -> None:
    assert guess(pupil.login, device="a", times=8) == ["refused"] * 6 + ["slowed"] * 2
    pass_time(20)
    assert guess(pupil.login, device="a", times=2) == ["refused", "slowed"]


def test_a_classmate_in_the_same_room_keeps_nobody_out(pupil: Account) -> None:
    guess(pupil.login, device="classmate", times=30)
    guess(pupil.login, times=30)
    assert gets_in(pupil, device="own")


def test_a_known_browser_gets_in_whatever_a_script_does(pupil: Account) -> None:
    assert gets_in(pupil, device="own")
    for at in range(80):
        guess(pupil.login, device=f"thrown-away-{at}")
    guess(pupil.login, times=40)
    assert guess(pupil.login, device="another") == ["slowed"]
    assert gets_in(pupil, device="own")


def test_other_lines_are_not_affected(pupil: Account) -> None:
    for at in range(80):
        guess(pupil.login, device=f"thrown-away-{at}")
    guess(pupil.login, times=40)
    assert gets_in(pupil, address="192.0.2.7")


def test_even_then_the_pupil_gets_in_when_the_script_pauses(pupil: Account) -> None:
    guess(pupil.login, times=20)
    assert guess(pupil.login) == ["slowed"]
    pass_time(3)
    assert gets_in(pupil)


def test_spraying_one_password_over_many_logins_is_slowed() -> None:
    one_browser = [guess(f"00100000{at:04d}", device="spray")[0] for at in range(30)]
    assert (one_browser.count("refused"), one_browser[-1]) == (15, "slowed")
    many = [guess(f"00200000{at:04d}", device=f"fresh-{at}")[0] for at in range(120)]
    assert many.count("refused") < 90
    assert many[-1] == "slowed"


def test_a_right_password_costs_nothing(pupil: Account) -> None:
    assert all(gets_in(pupil, device="own") for _attempt in range(40))
    assert throttle.Throttle.objects.filter(free_at__gt=now() + timedelta(seconds=5)).count() == 0
    assert KnownDevice.objects.filter(account=pupil).count() == 1


def test_no_account_is_ever_locked_by_attempts(pupil: Account) -> None:
    for at in range(30):
        guess(pupil.login, device=f"d{at}", address=f"192.0.2.{at}", times=8)
    pupil.refresh_from_db()
    assert pupil.state == "active"
    assert gets_in(pupil, device="own", address="198.51.100.1")


def test_the_log_knows_why_without_naming_anybody(pupil: Account) -> None:
    guess(pupil.login, device="a", times=7)
    guess("nobody.here", device="b")
    outcomes = list(SignInAttempt.objects.order_by("id").values_list("outcome", "account_id"))
    assert outcomes == [("bad_password", pupil.id)] * 6 + [("throttled", pupil.id), ("unknown", None)]


@pytest.mark.parametrize(
    ("address", "network"),
    [("10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("unix", "unix"), ("", "")],
)
def test_a_household_is_one_address(address: str, network: str) -> None:
    assert throttle.network_of(address) == network


def test_a_right_code_is_never_slowed(pupil: Account) -> None:
    for _attempt in range(throttle.CODES.size):
        throttle.count_wrong_code(ROOM)
    with pytest.raises(throttle.Slowed):
        throttle.count_wrong_code(ROOM)
    code = activation.issue_reset(actor=testing.SYSTEM, account=pupil)
    assert activation.look_at(code, address=ROOM).account_id == pupil.id
