"""Seals as certificates with their keys: ``<code>.p12`` in a folder that only the platform reads, one password for all.

Nothing outside is asked, so the time in the signature is that of this machine.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from .. import clock
from .types import Sealed, SealRefused

log = logging.getLogger("lingqu.seals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A seal of the folder, opened."""

    signer: Any

    @property
    def name(self) -> str:
        return name_of(self.signer.signing_cert)

    def set_on(self, pdf: bytes, *, reason: str, place: str) -> Sealed:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # these take seconds to load
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.general import SigningError
        from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

        certificate = self.signer.signing_cert
        if not certificate.not_valid_before <= clock.now() <= certificate.not_valid_after:
            raise SealRefused(_("电子印章的证书不在有效期内，请联系运维人员。"))
        meta = PdfSignatureMetadata(
            field_name=f"Seal-{clock.now():%Y%m%d%H%M%S%f}", reason=reason, location=place, name=self.name,
            subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256",
        )  # fmt: skip
        try:
            made = sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), meta, signer=self.signer)
        except (SigningError, PdfError, ValueError) as error:
            log.exception("seal not set")
            raise SealRefused(_("电子印章没有盖上，请联系运维人员。")) from error
        return Sealed(pdf=made.getvalue(), signer=self.name, serial=serial_of(certificate))


def find_certificate(folder: Path, code: str, password: str) -> Certificate | None:
    """The seal of the organisation ``code``; None without its file. Raises :class:`SealRefused` for one that does not open."""
    from pyhanko.sign.signers import SimpleSigner

    path = folder / f"{code}.p12"
    if not path.is_file():
        return None
    signer = SimpleSigner.load_pkcs12(str(path), passphrase=password.encode())
    if signer is None:
        raise SealRefused(_("电子印章的证书打不开，请联系运维人员。"))
    return Certificate(signer=signer)


def name_of(certificate: Any) -> str:
    """The common name, and the organisation's where it is another one."""
    subject = certificate.subject.native
    common, organisation = subject.get("common_name", ""), subject.get("organization_name", "")
    return (
        f"{common}（{organisation}）"
        if common and organisation and organisation not in common
        else common or organisation
    )


def serial_of(certificate: Any) -> str:
    return f"{certificate.serial_number:X}"
