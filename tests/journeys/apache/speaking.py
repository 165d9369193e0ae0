"""Applications for an Apache, and the settings of its three modules as their documentation has them."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.saml.makers import key_pair

from ..conftest import DemoCity
from ..visitor import Page, Visitor
from .server import Apache, load

BACK = "/oidc/back"
SAML = "/saml/endpoint"


def make_app(city: DemoCity, apache: Apache, protocol: str, area: str = "", *more: str) -> dict[str, str]:
    """An application of the whole region for one area of this Apache; what the operator is told of it."""
    url, area = apache.url, area or protocol
    given = {
        "oidc": (
            "--callback", url + BACK, "--post-logout", f"{url}/bye.html",
            "--backchannel-logout", f"{url}{BACK}?logout=backchannel",
        ),
        "cas": ("--callback", f"{url}/{area}/"),
        "saml": ("--callback", f"{url}{SAML}/postResponse", f"{url}{SAML}/metadata"),
    }  # fmt: skip
    name = f"Apache {area} {apache.port}"
    told: dict[str, str] = city.command(
        "app", "create", "--name", name, "--protocol", protocol, "--scope", "profile", *given[protocol], *more
    )
    return told


def openidc(city: DemoCity, told: dict[str, str], apache: Apache, *, secret: str = "", back: str = BACK) -> str:
    return f"""
{load("auth_openidc")}
OIDCProviderMetadataURL {city.url}/.well-known/openid-configuration
OIDCClientID {told["client_id"]}
OIDCClientSecret {secret or told["client_secret"]}
OIDCRedirectURI {apache.url}{back}
OIDCCryptoPassphrase {secrets.token_hex(16)}
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRemoteUserClaim sub
<Location /oidc>
  AuthType openid-connect
  Require valid-user
</Location>
"""


def cas(city: DemoCity, apache: Apache) -> str:
    (apache.folder / "tickets").mkdir(exist_ok=True)
    return f"""
{load("auth_cas")}
CASLoginURL {city.url}/cas/login
CASValidateURL {city.url}/cas/p3/serviceValidate
CASVersion 2
CASCookiePath {apache.folder}/tickets/
CASSSOEnabled On
<Location /cas>
  AuthType CAS
  CASAuthNHeader CAS-User
  Require valid-user
</Location>
"""


def mellon(city: DemoCity, apache: Apache, *, who: str = "apache", platform: bytes = b"", own: str = "") -> str:
    """``who`` names the key pair, ``platform`` is another metadata than the platform's, ``own`` a file with Apache's."""
    key, certificate = key_pair(who)
    apache.keep("sp.key", key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    apache.keep("sp.pem", certificate)
    apache.keep("idp.xml", platform or Visitor(city.url).get("/saml/metadata").body)
    return f"""
{load("auth_mellon")}
MellonLockFile {apache.folder}/mellon.lock
<Location /saml>
  AuthType Mellon
  MellonEnable auth
  MellonEndpointPath {SAML}
  MellonSPPrivateKeyFile {apache.folder}/sp.key
  MellonSPCertFile {apache.folder}/sp.pem
  MellonIdPMetadataFile {apache.folder}/idp.xml
  {f"MellonSPMetadataFile {own}" if own else ""}
  Require valid-user
</Location>
"""


def own_metadata(city: DemoCity, apache: Apache) -> bytes:
    """What mod_auth_mellon writes about itself; it asks for transient ids where nobody changes that line."""
    apache.start(mellon(city, apache))
    return Visitor(apache.url).get(f"{SAML}/metadata").body


def upload_metadata(keeper: Visitor, client_id: str, apache: Apache, metadata: bytes) -> Page:
    page = keeper.get(f"/applications/{client_id}/saml")
    form = next(one for one in page.forms() if one.files)
    return keeper.upload(page, form, [apache.keep("sp.xml", metadata)])


def mellon_known(city: DemoCity, apache: Apache, keeper: Visitor, client_id: str) -> str:
    """Settings of a mod_auth_mellon whose metadata the application has."""
    metadata = own_metadata(city, apache).replace(b"nameid-format:transient", b"nameid-format:persistent")
    page = upload_metadata(keeper, client_id, apache, metadata)
    assert page.status == 200 and f"{apache.url}{SAML}/logout" in page.words, page.words[:600]
    return mellon(city, apache, own=str(apache.folder / "sp.xml"))
