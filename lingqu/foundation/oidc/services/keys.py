"""Signing keys: made, published early, taken into use, withdrawn.

The next key stands in the JWKS for ``EARLY`` before it signs, and a former one for ``LATE`` after it signed last, so that
applications which keep the JWKS for days never meet an unknown ``kid``. Each process keeps the keys for ``KEPT_SECONDS``.
"""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.db import connection, transaction
from joserfc.jwk import ECKey, KeySet, RSAKey

from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now

from ..models import SigningKey
from ..types.words import Algorithm

SIGNS_FOR = timedelta(days=90)
EARLY = timedelta(days=14)
LATE = timedelta(days=14)
KEPT_SECONDS = 60.0
RSA_BITS = 2048
_LOCK_NUMBER = 0x6F696463
"""Advisory lock: two processes that find no key make one."""

Key = ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of this moment: one that signs by algorithm, and every public one."""

    signing: dict[str, Key]
    published: KeySet
    jwks: dict[str, Any]


_held: tuple[float, Ring] | None = None
_lock = threading.Lock()


def ring() -> Ring:
    """The keys as this process knows them, at most a minute old. Makes the first ones."""
    global _held
    held = _held
    if held is not None and time.monotonic() < held[0]:
        return held[1]
    with _lock:
        found = _load()
        _held = (time.monotonic() + KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Read the keys again at the next use."""
    global _held
    _held = None


@transaction.atomic
def turn(*, at: datetime | None = None) -> int:
    """Make keys that are due to be published, withdraw those that signed long ago. Returns how many changed."""
    at, changed = at or now(), 0
    _alone()
    for alg in Algorithm.values:
        keys = list(SigningKey.objects.filter(alg=alg, withdrawn_at__isnull=True).order_by("signs_from"))
        newest = keys[-1].signs_from if keys else None
        if newest is None:
            _make(alg, at)
            changed += 1
        elif newest + SIGNS_FOR - EARLY <= at:
            _make(alg, max(newest + SIGNS_FOR, at + EARLY))
            changed += 1
        for former, successor in pairwise(keys):
            if successor.signs_from + LATE <= at:
                SigningKey.objects.filter(kid=former.kid).update(withdrawn_at=at)
                changed += 1
    if changed:
        forget()
    return changed


@transaction.atomic
def replace_at_once(*, actor: Actor) -> None:
    """A key may be known to others: new ones sign from now on, whatever the old ones signed is not believed again."""
    at = now()
    _alone()
    ended = SigningKey.objects.filter(withdrawn_at__isnull=True).update(withdrawn_at=at)
    for alg in Algorithm.values:
        _make(alg, at)
    audit.record(actor, "oidc.keys_replaced", data={"withdrawn": ended})
    transaction.on_commit(forget)


def _alone() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_NUMBER])


def _make(alg: str, signs_from: datetime) -> None:
    kid = secrets.token_urlsafe(12)
    options: Any = {"kid": kid, "use": "sig", "alg": alg}
    key: Key = (
        ECKey.generate_key("P-256", options, private=True)
        if alg == Algorithm.ES256
        else RSAKey.generate_key(RSA_BITS, options, private=True)
    )
    plain = key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[union-attr]
    SigningKey.objects.create(
        kid=kid, alg=alg, sealed=crypto.seal(plain), public=key.as_dict(private=False), signs_from=signs_from,
    )  # fmt: skip


def _load() -> Ring:
    rows = _live_rows()
    if {row.alg for row in rows} != set(Algorithm.values):
        turn()
        rows = _live_rows()
    at, signing, public = now(), {}, []
    for row in rows:
        if row.signs_from <= at:
            signing[row.alg] = _opened(row)
        public.append(row.public)
    return Ring(signing=signing, published=KeySet.import_key_set({"keys": public}), jwks={"keys": public})


def _live_rows() -> list[SigningKey]:
    return list(SigningKey.objects.filter(withdrawn_at__isnull=True).order_by("signs_from"))


def _opened(row: SigningKey) -> Key:
    plain = crypto.unseal(row.sealed)
    kind = ECKey if row.alg == Algorithm.ES256 else RSAKey
    key: Key = kind.import_key(plain, {"kid": row.kid, "use": "sig", "alg": row.alg})
    return key
