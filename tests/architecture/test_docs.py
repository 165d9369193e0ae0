"""The builder of the documents' site: what it makes of links, and that a wrong one fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import docs


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("see [it](docs/glossary.md#people)", "see [it](glossary.md#people)"),
        ("![School](docs/pictures/school.png)", "![School](pictures/school.png)"),
        ("[settings](.env.example)", "[settings](settings.md)"),
        ("the [kernel](lingqu/kernel/README.md)", "the [kernel](modules/kernel.md)"),
        ("the [folder](lingqu/kernel)", "the folder"),
        ("[out](https://example.org/a.md)", "[out](https://example.org/a.md)"),
        ("[nowhere](docs/none.md)", "[nowhere](docs/none.md)"),
    ],
)
def test_links_follow_their_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, made: str) -> None:
    known = docs.pages()
    page = docs.ROOT / "README.md"
    monkeypatch.setattr(Path, "read_text", lambda _path, encoding: written)
    assert docs.rewritten(page, Path("english.md"), known) == made


@pytest.mark.parametrize("written", ["[a](none.md)", "[a](glossary.md#no-such-heading)"])
def test_a_link_to_nowhere_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str], written: str
) -> None:
    monkeypatch.setattr(docs, "GATHERED", tmp_path / "docs")
    monkeypatch.setattr(docs, "SITE", tmp_path / "site")
    real = docs.gather

    def gather() -> dict[Path, Path]:
        known = real()
        (tmp_path / "docs" / "state.md").write_text(f"# State\n\n{written}\n")
        return known

    monkeypatch.setattr(docs, "gather", gather)
    assert docs.main() == 1


def test_what_a_page_would_load_from_elsewhere_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(docs, "SITE", tmp_path)
    (tmp_path / "good.html").write_text('<a href="https://a.example/">x</a><script src="assets/a.js"></script>')
    assert docs.foreign_addresses() == []
    (tmp_path / "bad.html").write_text('<link rel="preconnect" href="https://fonts.example">')
    assert [line.partition(":")[0] for line in docs.foreign_addresses()] == ["bad.html"]
