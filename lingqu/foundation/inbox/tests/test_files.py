"""Files beside notices and receipts: what they are, and who may open them."""

from __future__ import annotations

from io import BytesIO

import pytest

from lingqu.foundation.inbox import testing as making
from lingqu.foundation.inbox.models import Attachment
from lingqu.foundation.inbox.selectors import board as boards
from lingqu.foundation.inbox.services import filing, publishing, receiving
from lingqu.foundation.inbox.types import rights
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
from lingqu.kernel.actor import Actor, Right
from lingqu.kernel.errors import Forbidden, Invalid

from .test_notices import SYSTEM, WHOLE, City, pdf, reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _reference_data(db: None) -> None:
    registry.prepare()


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.exe", b"MZ"), ("a.pdf", b"<html>"), ("a.docx", b"PK\x03\x04 broken"), ("a.png", b"%PDF-1.7"), ("a.pdf", b"")],
)
def test_files_are_what_they_say(name: str, content: bytes) -> None:
    city = City()
    draft = making.make_draft(city.desk, [making.to_posts(city.county)])
    with pytest.raises(Invalid):
        filing.add_file(actor=SYSTEM, notice_id=draft.id, uploaded=pdf(name, content))
    assert not Attachment.objects.exists()


def test_documents_with_macros_are_refused() -> None:
    import zipfile

    city = City()
    draft = making.make_draft(city.desk, [making.to_posts(city.county)])
    for part, accepted in (("word/styles.xml", True), ("word/vbaProject.bin", False)):
        held = BytesIO()
        with zipfile.ZipFile(held, "w") as package:
            package.writestr("word/document.xml", "<w/>")
            package.writestr(part, "x")
        if accepted:
            filing.add_file(actor=SYSTEM, notice_id=draft.id, uploaded=pdf("a.docx", held.getvalue()))
        else:
            with pytest.raises(Invalid):
                filing.add_file(actor=SYSTEM, notice_id=draft.id, uploaded=pdf("b.docx", held.getvalue()))
    assert Attachment.objects.count() == 1


def test_files_of_receipts_are_for_the_sender_and_for_who_gave_them() -> None:
    city = City()
    draft = making.make_draft(city.desk, [making.to_posts(city.county)])
    filing.add_file(actor=SYSTEM, notice_id=draft.id, uploaded=pdf())
    publishing.publish(actor=SYSTEM, notice_id=draft.id)
    receiving.confirm(
        actor=reader(city.staff[0]), notice_id=draft.id, owner=city.posts[0].id, uploaded=pdf("回执.pdf", b"%PDF-1.7 y")
    )
    notice_file, receipt_file = Attachment.objects.order_by("added_at")
    (given,) = boards.list_given(draft, WHOLE, boards.Wanted(kind="post"))
    assert (given.name, given.receipt.by_name, given.files) == (city.schools[0].name, "办0", (receipt_file,))
    office = {
        one: Actor(kind="account", name="x", rights=(Right(rights.FOLLOW, str(one.path)),)) for one in city.schools
    }
    assert filing.get_file(actor=office[city.schools[0]], file_id=receipt_file.id) == receipt_file
    with pytest.raises(Forbidden):
        filing.get_file(actor=office[city.schools[1]], file_id=receipt_file.id)
    for person, file, is_open in (
        (city.staff[0], notice_file, True), (city.staff[1], notice_file, True), (city.staff[0], receipt_file, True),
        (city.staff[1], receipt_file, False), (people.make_teacher(), notice_file, False),
    ):  # fmt: skip
        if is_open:
            assert filing.get_file(actor=reader(person), file_id=file.id).id == file.id
        else:
            with pytest.raises(Forbidden):
                filing.get_file(actor=reader(person), file_id=file.id)
