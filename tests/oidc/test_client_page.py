"""The settings of a client: who may, what is refused, what stands afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey

from lingqu.foundation.applications import testing as applications
from lingqu.foundation.identity import testing as identity
from lingqu.foundation.identity.roles import ROLES
from lingqu.foundation.oidc import testing
from lingqu.foundation.oidc.models import OidcClient
from lingqu.foundation.oidc.services import clients
from lingqu.kernel.models import AuditEntry
from tests.permissions.world import build_world

GOOD = {
    "redirect_uris": "https://rp.example/a\nhttp://localhost:9000/b", "post_logout_uris": "", "backchannel_uri": "",
    "auth_method": "secret", "jwks": "", "grants": ["authorization_code"], "id_token_alg": "ES256",
    "pkce_waived_because": "",
}  # fmt: skip


@pytest.mark.django_db
def test_every_role_times_reading_and_writing() -> None:
    world = build_world()
    app = applications.make_application(organisation_id=world.own.county.id)
    foreign = applications.make_application(organisation_id=world.other.county.id)
    may = set()
    for role in sorted(ROLES):
        browser = identity.signed_in(world.accounts[role])
        OidcClient.objects.all().delete()
        own, other = (f"/applications/{one.client_id}/oidc" for one in (app, foreign))
        read, written = browser.get(own), browser.post(own, GOOD)
        assert (read.status_code == 200) == (written.status_code == 302) == OidcClient.objects.exists(), role
        if written.status_code == 302:
            may.add(role)
        assert {browser.get(other).status_code, browser.post(other, GOOD).status_code} <= {403, 404}, role
    holders = {role for role in ROLES if "applications.manage" in ROLES[role].rights}
    assert may == holders


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("redirect_uris", ""), ("redirect_uris", "http://rp.example/a"), ("redirect_uris", "https://*.example/a"),
        ("redirect_uris", "https://rp.example/a#b"), ("redirect_uris", "https://u@rp.example/"), ("redirect_uris", "app:/x"),
        ("redirect_uris", "\n".join(f"https://rp.example/{at}" for at in range(21))), ("redirect_uris", "/relative"),
        ("redirect_uris", "https://rp.example/" + "a" * 500), ("redirect_uris", "javascript:alert(1)"),
        ("post_logout_uris", "ftp://x"), ("backchannel_uri", "http://10.0.0.1/x"), ("auth_method", "magic"),
        ("id_token_alg", "none"), ("grants", []), ("grants", ["password"]), ("grants", ["refresh_token"]),
    ],
)  # fmt: skip
def test_what_cannot_stand_is_told_at_its_field(field: str, value: Any) -> None:
    given_settings: dict[str, Any] = {"redirect_uris": ("https://rp.example/a",), field: value}
    if isinstance(value, str) and field.endswith("uris"):
        given_settings[field] = tuple(value.splitlines())
    with pytest.raises(clients.Invalid) as refusal:
        clients.checked(clients.Settings(**given_settings))
    assert set(refusal.value.details) == {field}


def test_keys_of_a_client_are_public_ones() -> None:
    key, shared = ECKey.generate_key("P-256"), OctKey.generate_key(256)
    assert clients.read_keys(json.dumps({"keys": [key.as_dict(private=False)]})) is not None
    for bad in (
        [key.as_dict(private=True)],
        [shared.as_dict(private=True)],
        [],
        [{"kty": "EC"}],
        [key.as_dict(private=False)] * 11,
    ):
        assert clients.read_keys(json.dumps({"keys": bad})) is None
    for text in ("", "[]", "{}", "null", '{"keys": 1}', "\x00"):
        assert clients.read_keys(text) is None


@given(st.text(max_size=60))
def test_no_text_is_an_address_that_a_browser_reads_otherwise(text: str) -> None:
    if clients.fault_of_uri("https://rp.example/" + text) == "":
        assert not {" ", "\\", "\t", "\n", "#", "*"} & set(text)
    if clients.fault_of_uri(text) == "":
        assert text.lower().startswith(("https://", "http://localhost", "http://127.0.0.1", "http://[::1]"))


@pytest.mark.django_db
def test_a_waived_pkce_has_its_reason_on_the_trail() -> None:
    made = testing.client(pkce_waived_because="旧系统不支持")
    entry = AuditEntry.objects.filter(action="oidc.client_saved", subject_id=str(made.app.id)).get()
    assert entry.data["pkce_waived_because"] == "旧系统不支持"
    assert OidcClient.objects.get().pkce_waived_by == "test"
