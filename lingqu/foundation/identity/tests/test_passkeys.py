"""A passkey opens its own account, from our own address, once per challenge, and only while its counter goes up."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.models import Account, Passkey, RecoveryCode, SignInAttempt, SsoSession
from lingqu.foundation.identity.selectors.factors import has_factor
from lingqu.foundation.identity.services import factors, passkeys
from lingqu.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, COPIED, ATTESTED = 0x01, 0x04, 0x08, 0x40


@pytest.fixture(autouse=True)
def at_home(settings: Any) -> None:
    settings.PUBLIC = urlsplit(ORIGIN)


@dataclass
class Authenticator:
    """What a phone or a security key does, with every mistake that a test wants."""

    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential: bytes = b"credential-0001"
    flags: int = PRESENT | VERIFIED
    counter: int = 0
    owner: bytes = b""
    origin: str = ORIGIN
    rp: str = "localhost"

    def make(self, told: dict[str, Any]) -> str:
        options = told["publicKey"]
        self.owner = websafe_decode(options["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = bytes(16) + struct.pack(">H", len(self.credential)) + self.credential + public
        data = self._data(self.flags | ATTESTED) + attested
        sent = {"attestationObject": cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})}
        return self._answer(sent, self._client("webauthn.create", options))

    def get(self, told: dict[str, Any], **more: bytes) -> str:
        data, client = self._data(self.flags), self._client("webauthn.get", told["publicKey"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {"authenticatorData": data, "signature": signature, "userHandle": self.owner, **more}, client
        )  # fmt: skip

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _answer(self, parts: dict[str, bytes], client: bytes) -> str:
        response = {name: websafe_encode(part) for name, part in {**parts, "clientDataJSON": client}.items()}
        name = websafe_encode(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _register(account: Account, device: Authenticator | None = None, browser: Any = None) -> tuple[Any, Any]:
    browser, device = browser or testing.browser(account), device or Authenticator()
    told = browser.post("/me/passkeys/options").json()
    answer = browser.post("/me/passkeys", {"credential": device.make(told), "name": " 办公室  电脑 "})
    assert answer.status_code in (200, 302)
    return browser, device


def _asked(browser: Any) -> dict[str, Any]:
    told: dict[str, Any] = browser.post("/sign-in/passkey/options").json()
    return told


def _enter(device: Authenticator, browser: Any = None, **more: bytes) -> Any:
    browser = browser or testing.Client()
    told = _asked(browser)
    return browser.post("/sign-in/passkey", {"credential": device.get(told, **more), "next": "/me"})


@pytest.fixture
def account() -> Account:
    return testing.duty_account("county_admin")


def test_it_is_made_on_the_own_page_with_recovery_codes_for_the_first(account: Account) -> None:
    browser, _device = _register(account)
    [kept] = Passkey.objects.all()
    assert (kept.account_id, kept.name, kept.last_used_at, kept.is_synced) == (account.id, "办公室 电脑", None, False)
    assert RecoveryCode.objects.count() == 10
    assert "办公室 电脑" in browser.get("/me/second-factor").content.decode()
    _register(account, Authenticator(credential=b"credential-0002"), browser)
    assert (Passkey.objects.count(), RecoveryCode.objects.count()) == (2, 10)
    assert AuditEntry.objects.filter(action="identity.passkey.added").count() == 2


@pytest.mark.parametrize(("copied", "kind"), [(0, "hwk"), (COPIED, "swk")])
def test_it_opens_the_account_without_a_password(account: Account, copied: int, kind: str) -> None:
    _browser, device = _register(account, Authenticator(flags=PRESENT | VERIFIED | copied))
    browser = testing.Client()
    assert _enter(device, browser)["Location"] == "/me"
    assert SsoSession.objects.latest("began_at").amr == sorted([kind, "mfa", "user"])
    assert browser.get("/me").status_code == 200
    assert browser.get("/me/second-factor").status_code == 200, "a verified passkey is a fresh proof"
    assert Passkey.objects.get().last_used_at is not None
    assert SignInAttempt.objects.latest("id").outcome == "ok"


def test_after_the_password_it_is_the_second_factor(account: Account) -> None:
    _browser, device = _register(account)
    browser = testing.Client()
    answer = browser.post("/sign-in", {"login": account.login, "password": testing.PASSWORD, "next": "/me"})
    assert answer["Location"] == "/sign-in/second"
    device.flags = PRESENT
    told = _asked(browser)
    assert len(told["publicKey"]["allowCredentials"]) == 1
    assert browser.post("/sign-in/passkey", {"credential": device.get(told)})["Location"] == "/me"
    assert SsoSession.objects.latest("began_at").amr == ["hwk", "mfa", "pwd"]


def test_a_recovery_code_stands_in_for_it(account: Account) -> None:
    browser = testing.browser(account)
    told = browser.post("/me/passkeys/options").json()
    browser.post("/me/passkeys", {"credential": Authenticator().make(told)})
    codes = factors.renew_recovery(account)
    client = testing.Client()
    client.post("/sign-in", {"login": account.login, "password": testing.PASSWORD})
    assert client.post("/sign-in/second", {"code": codes[0]}).status_code == 302
    assert client.get("/me").status_code == 200


def test_it_proves_its_owner_again_within_a_session(account: Account) -> None:
    browser, device = _register(account)
    SsoSession.objects.update(auth_time="2026-01-01T00:00:00Z")
    assert browser.get("/me/second-factor")["Location"].startswith("/sign-in/again")
    told = _asked(browser)
    assert told["publicKey"]["userVerification"] == "required"
    answer = browser.post("/sign-in/passkey", {"credential": device.get(told), "next": "/me/second-factor"})
    assert answer["Location"] == "/me/second-factor"
    assert browser.get("/me/second-factor").status_code == 200


CHANGES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "http://localhost:8001"}, "a longer name": {"origin": "http://localhost:8000.evil.example"},
    "another relying party": {"rp": "example.org"}, "nobody verified": {"flags": PRESENT},
    "nobody there": {"flags": VERIFIED}, "unknown key": {"credential": b"credential-9999"},
    "another owner": {"owner": b"0123456789abcdef"}, "no owner": {"owner": b""},
    "another private key": {"key": ec.generate_private_key(ec.SECP256R1())},
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_not_right_stays_outside(account: Account, change: str) -> None:
    _browser, device = _register(account)
    for name, value in CHANGES[change].items():
        setattr(device, name, value)
    browser = testing.Client()
    assert _enter(device, browser).status_code == 422
    assert browser.get("/me").status_code == 302
    assert Passkey.objects.get().last_used_at is None


def test_an_altered_signature_stays_outside(account: Account) -> None:
    _browser, device = _register(account)
    other = device.key.sign(b"something else", ec.ECDSA(SHA256()))
    for signature in (other, b"", b"\x30\x00"):
        assert _enter(device, signature=signature).status_code == 422


def test_a_challenge_is_used_once_and_only_in_its_browser(account: Account) -> None:
    _browser, device = _register(account)
    browser = testing.Client()
    told = _asked(browser)
    credential = device.get(told)
    assert testing.Client().post("/sign-in/passkey", {"credential": credential}).status_code == 422
    stranger = testing.Client()
    _asked(stranger)
    assert stranger.post("/sign-in/passkey", {"credential": credential}).status_code == 422
    held = browser.session["identity_passkey_asked"]
    assert browser.post("/sign-in/passkey", {"credential": credential}).status_code == 302
    again = testing.Client()
    _asked(again)
    session = again.session
    session["identity_passkey_asked"] = held
    session.save()
    assert again.post("/sign-in/passkey", {"credential": credential}).status_code == 422, "even with the state put back"


def test_a_challenge_ends(account: Account) -> None:
    _browser, device = _register(account)
    browser = testing.Client()
    told = _asked(browser)
    session = browser.session
    session["identity_passkey_asked"] = {**session["identity_passkey_asked"], "until": 1}
    session.save()
    assert browser.post("/sign-in/passkey", {"credential": device.get(told)}).status_code == 422


def test_somebody_elses_passkey_is_no_second_factor(account: Account) -> None:
    other = testing.duty_account("bureau_leader")
    _browser, theirs = _register(other)
    _register(account, Authenticator(credential=b"credential-0002"))
    browser = testing.Client()
    browser.post("/sign-in", {"login": account.login, "password": testing.PASSWORD})
    assert browser.post("/sign-in/passkey", {"credential": theirs.get(_asked(browser))}).status_code == 422
    assert browser.get("/me").status_code == 302
    signed_in = testing.signed_in(account)
    assert signed_in.post("/sign-in/passkey", {"credential": theirs.get(_asked(signed_in))}).status_code == 422


def test_a_counter_that_does_not_go_up_is_refused_and_told(account: Account) -> None:
    _browser, device = _register(account, Authenticator(counter=5))
    device.counter = 6
    assert _enter(device).status_code == 302
    for counter in (6, 4, 0):
        device.counter = counter
        answer = _enter(device)
        assert answer.status_code == 422
        assert "可能被复制过" in answer.content.decode()
    assert Passkey.objects.get().sign_count == 6
    assert AuditEntry.objects.filter(action="identity.passkey.copied", subject_id=str(account.id)).count() == 3


def test_a_removed_passkey_opens_nothing(account: Account) -> None:
    browser, device = _register(account)
    assert browser.post(f"/me/passkeys/{Passkey.objects.get().id}/remove").status_code == 302
    assert _enter(device).status_code == 422
    assert not has_factor(account)
    assert not RecoveryCode.objects.exists()


def test_nobody_removes_another_accounts_passkey_and_nothing_without_a_fresh_proof(account: Account) -> None:
    browser, _device = _register(account)
    stranger = testing.browser(testing.duty_account("bureau_leader"))
    assert stranger.post(f"/me/passkeys/{Passkey.objects.get().id}/remove").status_code == 404
    SsoSession.objects.update(auth_time="2026-01-01T00:00:00Z")
    assert browser.post(f"/me/passkeys/{Passkey.objects.get().id}/remove").status_code == 302
    assert browser.post("/me/passkeys/options").status_code == 403
    assert browser.post("/me/passkeys", {"credential": "{}"}).status_code == 302
    assert Passkey.objects.count() == 1


def test_a_key_that_is_registered_already_is_refused(account: Account) -> None:
    _browser, device = _register(account)
    other = testing.duty_account("bureau_leader")
    _register(other, Authenticator(key=device.key))
    assert Passkey.objects.get().account_id == account.id


@pytest.mark.parametrize("state", ["locked", "closed"])
def test_a_stopped_account_stays_closed(account: Account, state: str) -> None:
    _browser, device = _register(account)
    testing.set_state(account, state)
    assert _enter(device).status_code == 422


@pytest.mark.parametrize(
    "sent", ["", "[]", "{}", "[" * 30_000, '{"id": 1, "response": 2}', "\x00", '{"rawId": "x", "id": "x"}']
)
def test_rubbish_is_refused(account: Account, sent: str) -> None:
    browser = testing.browser(account)
    browser.post("/me/passkeys/options")
    assert browser.post("/me/passkeys", {"credential": sent}).status_code == 302
    assert not Passkey.objects.exists()
    client = testing.Client()
    _asked(client)
    assert client.post("/sign-in/passkey", {"credential": sent}).status_code == 422


def test_ten_are_enough(account: Account) -> None:
    browser, _device = _register(account)
    Passkey.objects.bulk_create(
        Passkey(account=account, credential_id=b"x%d" % at, public_key=b"", name="x") for at in range(9)
    )
    assert browser.post("/me/passkeys/options").status_code == 409


def test_an_administrator_takes_all_factors_off_a_lost_account() -> None:
    school = testing.make_school()
    person = testing.make_person("李老师", organisation=school)
    testing.employ(person, school)
    account = testing.account_for(person)
    _browser, device = _register(account)
    factors.remove_lost(actor=testing.SYSTEM, account=account)
    assert (has_factor(account), RecoveryCode.objects.count()) == (False, 0)
    assert _enter(device).status_code == 422


@pytest.mark.parametrize(
    ("address", "possible", "origin"),
    [
        ("https://edu.example.cn", True, "https://edu.example.cn"), ("http://edu.example.cn", False, "http://edu.example.cn"),
        ("https://edu.example.cn:443", True, "https://edu.example.cn"), ("http://localhost:8000", True, ORIGIN),
        ("https://10.0.0.3", False, "https://10.0.0.3"), ("https://e.cn:8443", True, "https://e.cn:8443"),
    ],
)  # fmt: skip
def test_the_configured_address_decides(settings: Any, address: str, possible: bool, origin: str) -> None:
    settings.PUBLIC = urlsplit(address)
    assert (passkeys.are_possible(), passkeys.origin()) == (possible, origin)
    page = testing.Client(SERVER_NAME="localhost").get("/sign-in").content.decode()
    assert ("data-passkey" in page) == possible


def test_an_idle_session_goes_on_by_the_passkey_of_its_own_account(account: Account) -> None:
    browser, device = _register(account)
    browser.post("/locked/now")
    assert browser.get("/me").status_code == 302
    assert "data-passkey" in browser.get("/locked?next=/me").content.decode()
    stranger = testing.duty_account("county_admin", login="stranger")
    _other, theirs = _register(stranger, Authenticator(credential=b"credential-0003"))
    told = _asked(browser)
    assert len(told["publicKey"]["allowCredentials"]) == 1
    refused = browser.post("/sign-in/passkey", {"credential": theirs.get(told), "next": "/me"})
    assert refused.status_code == 422 and "已锁定" in refused.content.decode()
    assert browser.get("/me").status_code == 302
    key = browser.session.session_key
    sent = {"credential": device.get(_asked(browser)), "next": "/me"}
    answer = browser.post("/sign-in/passkey", sent)
    assert answer["Location"] == "/me" and browser.session.session_key != key
    assert browser.get("/me").status_code == 200
    assert browser.post("/sign-in/passkey", sent).status_code == 422, "an answer counts once"


def test_the_overlay_of_a_locked_page_is_told_without_a_page(account: Account) -> None:
    browser, device = _register(account)
    browser.post("/locked/now")
    device.flags = PRESENT
    quietly = {"headers": {"Accept": "application/json"}}
    unverified = browser.post("/sign-in/passkey", {"credential": device.get(_asked(browser))}, **quietly)
    assert unverified.status_code == 422, "the lock wants to know who it is, not only that somebody is there"
    device.flags = PRESENT | VERIFIED
    told = browser.post("/sign-in/passkey", {"credential": device.get(_asked(browser))}, **quietly)
    assert told.status_code == 204 and browser.get("/me").status_code == 200
