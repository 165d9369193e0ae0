"""Signing keys: made when first needed, announced before they sign, sealed at rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from lingqu.kernel import audit, crypto
from lingqu.kernel.actor import Actor
from lingqu.kernel.clock import now

from ..models import Key

BITS, YEARS = 3072, 5
ANNOUNCED = timedelta(days=14)
"""A new key stands in the metadata this long before it signs, so that applications have read it."""
KEPT = timedelta(days=14)
"""And the old one this long after."""
_LOCK = 0x5A31


def signing_key() -> tuple[rsa.RSAPrivateKey, str]:
    """The private key that signs now and its certificate (PEM)."""
    row = _signing() or _first()
    key = serialization.load_pem_private_key(crypto.unseal_fields(row.sealed)["key"].encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("a SAML key is an RSA key")
    return key, row.certificate


def list_certificates() -> tuple[str, ...]:
    """Certificates of the metadata: what signs now, what will, what did until lately."""
    signing_key()
    live = Key.objects.filter(Q(retired_at=None) | Q(retired_at__gt=now()))
    return tuple(live.order_by("-signs_from").values_list("certificate", flat=True))


@transaction.atomic
def rotate(*, actor: Actor, at_once: bool = False) -> Key:
    """A new key that signs after its announcement; ``at_once`` when the old one may be in other hands."""
    begins = now() if at_once else now() + ANNOUNCED
    made = _make(begins)
    over = now() if at_once else begins + KEPT
    Key.objects.filter(retired_at=None).exclude(id=made.id).update(retired_at=over)
    audit.record(actor, "saml.key.rotated", subject_kind="saml_key", subject_id=made.id, data={"at_once": at_once})
    return made


def renew_due() -> bool:
    """A year before its certificate ends the newest key gets a successor; applications read the metadata in time."""
    newest = Key.objects.order_by("-signs_from").first()
    if newest is None or newest.ends_at > now() + timedelta(days=365):
        return False
    rotate(actor=Actor.system("saml"))
    return True


def _signing() -> Key | None:
    at = now()
    live = Key.objects.filter(Q(retired_at=None) | Q(retired_at__gt=at), signs_from__lte=at)
    return live.order_by("-signs_from").first()


@transaction.atomic
def _first() -> Key:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    return _signing() or _make(now())


def _make(begins: datetime) -> Key:
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, (settings.PUBLIC.hostname or "lingqu")[:64])])
    ends = now() + timedelta(days=365 * YEARS)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now() - timedelta(hours=1)).not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Key.objects.create(
        certificate=built.public_bytes(serialization.Encoding.PEM).decode(),
        sealed=crypto.seal_fields({"key": plain.decode()}) or b"", signs_from=begins, ends_at=ends,
    )  # fmt: skip
