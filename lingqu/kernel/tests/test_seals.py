"""Electronic seals: set by a certificate of the folder or by a service, looked at by anybody, broken by any change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typst

from lingqu.kernel import seals
from lingqu.kernel.tests.seal_maker import PASSWORD, TOKEN, make_seal, running_service


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("印章")
    make_seal(made, "100", "云溪县教育局")
    make_seal(made, "200", "云溪一中")
    make_seal(made, "300", "过期学校", days=-1)
    (made / "400.p12").write_bytes(b"not a certificate")
    return made


@pytest.fixture(scope="module")
def pdf() -> bytes:
    made: bytes = typst.compile(b'#set document(title: "x")\nhello')
    return made


@pytest.fixture
def at(settings: Any, folder: Path) -> Path:
    settings.LINGQU_SEALS, settings.LINGQU_SEALS_SECRET = f"file://{folder}", PASSWORD
    return folder


def test_two_organisations_seal_and_both_stay_whole(at: Path, pdf: bytes) -> None:
    once = seals.find("100").set_on(pdf, reason="审批表", place="云溪县")
    twice = seals.find("200").set_on(once.pdf, reason="审批表", place="云溪一中")
    assert twice.pdf.startswith(once.pdf) and once.pdf.startswith(pdf)
    found = seals.look_at(twice.pdf)
    assert [one.signer for one in found] == ["云溪县教育局电子印章", "云溪一中电子印章"]
    assert all(one.is_intact and one.is_whole and one.set_at for one in found)
    assert found[0].serial == once.serial != twice.serial


def test_any_change_is_seen(at: Path, pdf: bytes) -> None:
    sealed = seals.find("100").set_on(pdf, reason="审批表", place="").pdf
    title = sealed.index(b"/Title")
    changed = sealed[: title + 8] + bytes([sealed[title + 8] ^ 1]) + sealed[title + 9 :]
    found = seals.look_at(changed)
    assert not any(one.is_intact or one.is_whole for one in found)
    assert seals.look_at(sealed)[0].is_whole
    longer = sealed + b"\n1 0 obj\n<< >>\nendobj\nxref\n0 0\ntrailer\n<< >>\nstartxref\n0\n%%EOF"
    assert not any(one.is_whole for one in seals.look_at(longer))
    assert seals.look_at(pdf) == seals.look_at(b"") == seals.look_at(b"%PDF-1.7 nothing") == []


def test_seals_that_are_missing_ended_or_broken(at: Path, pdf: bytes, settings: Any) -> None:
    assert seals.find("999") is None
    assert seals.find("../100") is None
    with pytest.raises(seals.SealRefused, match="有效期"):
        seals.find("300").set_on(pdf, reason="", place="")
    with pytest.raises(seals.SealRefused, match="打不开"):
        seals.find("400")
    settings.LINGQU_SEALS_SECRET = "wrong"
    with pytest.raises(seals.SealRefused, match="打不开"):
        seals.find("100")
    with pytest.raises(seals.SealRefused):
        settings.LINGQU_SEALS_SECRET = PASSWORD
        seals.find("100").set_on(b"no pdf", reason="", place="")
    settings.LINGQU_SEALS = ""
    assert seals.find("100") is None


def test_a_service_seals_and_what_it_sends_back_is_looked_at(folder: Path, pdf: bytes, settings: Any) -> None:
    with running_service(folder) as service:
        settings.LINGQU_SEALS, settings.LINGQU_SEALS_SECRET = service.url, TOKEN
        assert seals.find("999") is None
        seal = seals.find("200")
        assert seal.name == "云溪一中电子印章"
        made = seal.set_on(pdf, reason="用车申请 审批表", place="云溪一中")
        assert service.reasons == ["用车申请 审批表"]
        assert made.signer == "云溪一中电子印章" and seals.look_at(made.pdf)[0].is_whole
        for spoils in (lambda made: made[:-20], lambda _made: pdf, lambda _made: b"%PDF-1.7", lambda made: b" " + made):
            service.spoils = spoils
            with pytest.raises(seals.SealRefused, match="原文件"):
                seal.set_on(pdf, reason="x", place="")
        settings.LINGQU_SEALS_SECRET = "wrong"
        with pytest.raises(seals.SealRefused):
            seals.find("200")
    with pytest.raises(seals.SealRefused, match="没有应答"):
        seals.find("200")
