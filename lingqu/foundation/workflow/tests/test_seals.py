"""The electronic seal in place of stamp and scan, and the page on which anybody has it confirmed."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity import testing as accounts
from lingqu.foundation.workflow import testing as drawing
from lingqu.foundation.workflow.models import Case, CaseFile, CasePaper, CaseSeal, Task
from lingqu.foundation.workflow.services import sealing, starting
from lingqu.foundation.workflow.tests.towns import OFFICE, Town
from lingqu.foundation.workflow.types.graph import DONE
from lingqu.foundation.workflow.types.participants import Rule, RuleKind
from lingqu.kernel import files, seals
from lingqu.kernel.errors import Conflict
from lingqu.kernel.tests.clamd_server import EICAR, running_scanner
from lingqu.kernel.tests.seal_maker import PASSWORD, make_seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any, tmp_path: Path) -> Town:
    made = Town()
    drawn = drawing.Drawing("paper")
    drawn.user("stamp", participants=(OFFICE,), outcomes=DONE, needs_scan=True)
    drawn.line("start", "stamp", "end")
    made.publish(drawn)
    settings.LINGQU_HOME = tmp_path
    settings.LINGQU_SEALS, settings.LINGQU_SEALS_SECRET = f"file://{tmp_path}/seals", PASSWORD
    make_seal(tmp_path / "seals", made.school.code, "云溪一中")
    return made


def text_of(answer: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_a_seal_closes_the_step_and_anybody_has_it_confirmed(town: Town) -> None:
    case = town.start(key="paper")
    task = Task.objects.get()
    clerk = accounts.signed_in(accounts.account_for(town.clerk))
    page = text_of(clerk.get(f"/workflow/tasks/{task.id}"))
    assert "盖电子章并办结" in page and "云溪一中电子印章" in page
    assert "扫描件" in text_of(clerk.post(f"/workflow/tasks/{task.id}", {"decision": "done"}))
    assert clerk.post(f"/workflow/tasks/{task.id}?seal=1", {"decision": "done"}).status_code == 302
    case.refresh_from_db()
    seal, file = CaseSeal.objects.get(), CaseFile.objects.get()
    assert (case.state, seal.sealed_by, seal.organisation, file.kind) == ("done", "吴静", "云溪一中", "scan")
    with files.open_file(file.digest) as source:
        content = source.read()
    assert [(one.signer, one.is_whole) for one in seals.look_at(content)] == [("云溪一中电子印章", True)]
    mother = accounts.signed_in(accounts.account_for(town.mother))
    assert mother.get(f"/workflow/files/{file.id}").status_code == 200
    anybody = accounts.Client()
    ways = f"/verify/cases?at={town.school.code}&number={case.number}&code={CasePaper.objects.get().code}"
    page = text_of(anybody.get(ways))
    assert "云溪一中电子印章" in page and "完好" in page and seal.serial in page
    _copies(anybody, content)


def _copies(anybody: Any, content: bytes) -> None:
    def told(pdf: bytes) -> str:
        return text_of(anybody.post("/verify/cases", {"file": SimpleUploadedFile("a.pdf", pdf)}))

    assert "云溪一中的电子印章完好，文件没有改动" in told(content)
    at = content.index(b"/Title") + 8
    assert "有改动，不能采信" in told(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    assert "没有能读出的电子印章" in told(b"%PDF-1.7 nothing")
    assert "没有能读出的电子印章" in told(content[:3000])


def test_a_file_that_was_changed_in_the_store_is_told(town: Town) -> None:
    case = town.start(key="paper")
    _seal(town, "clerk")
    file = CaseFile.objects.get()
    other = files.put(b"%PDF-1.7 something else")
    CaseFile.objects.filter(id=file.id).update(digest=other.digest)
    from lingqu.foundation.workflow.selectors import papers

    assert [one.is_intact for one in papers.looked_at(case.id)] == [False]


def _seal(town: Town, who: str) -> Case:
    task = Task.objects.get(state="open")
    return sealing.complete_with_seal(
        actor=town.actor(who), task_id=task.id, pdf=_form(), revision=Case.objects.get(id=task.case_id).revision
    )


def _form() -> bytes:
    import typst

    made: bytes = typst.compile(b"form")
    return made


def test_nobody_seals_for_another_office_nor_the_own_paper(town: Town) -> None:
    case = town.start(key="paper")
    for who in ("officer", "mother", "stranger"):
        with pytest.raises(Conflict):
            _seal(town, who)
    starting.start(actor=town.actor("clerk"), key="paper", organisation_id=town.school.id, fields={})
    own = Task.objects.exclude(case=case).get()
    assert sealing.seal_at_hand(town.actor("clerk"), own.id) is None
    assert sealing.seal_at_hand(town.actor("deputy"), own.id) is not None
    drawn = drawing.Drawing("self")
    drawn.user("stamp", participants=(Rule(kind=RuleKind.STARTER),), outcomes=DONE, needs_scan=True)
    drawn.line("start", "stamp", "end")
    town.publish(drawn)
    mine = starting.start(actor=town.actor("deputy"), key="self", organisation_id=town.school.id, fields={})
    assert sealing.seal_at_hand(town.actor("deputy"), Task.objects.get(case=mine).id) is None
    assert not CaseSeal.objects.exists() and Task.objects.filter(state="open").count() == 3


def test_without_a_seal_the_paper_way_stays(town: Town, settings: Any) -> None:
    town.start(key="paper")
    settings.LINGQU_SEALS = ""
    task = Task.objects.get()
    clerk = accounts.signed_in(accounts.account_for(town.clerk))
    assert "电子章" not in text_of(clerk.get(f"/workflow/tasks/{task.id}"))
    answer = clerk.post(f"/workflow/tasks/{task.id}?seal=1", {"decision": "done"})
    assert answer.status_code == 422 and "没有可以用的电子印章" in text_of(answer)
    settings.LINGQU_SEALS = "http://127.0.0.1:9"
    assert clerk.get(f"/workflow/tasks/{task.id}").status_code == 200
    scan = SimpleUploadedFile("盖章.pdf", b"%PDF-1.7")
    assert clerk.post(f"/workflow/tasks/{task.id}", {"decision": "done", "scan": scan}).status_code == 302


def test_an_infected_scan_is_refused_in_words_and_the_step_stays_open(town: Town, settings: Any) -> None:
    town.start(key="paper")
    task = Task.objects.get()
    clerk = accounts.signed_in(accounts.account_for(town.clerk))
    with running_scanner() as settings.LINGQU_SCANNER:
        scan = SimpleUploadedFile("盖章.pdf", b"%PDF-1.7" + EICAR)
        answer = clerk.post(f"/workflow/tasks/{task.id}", {"decision": "done", "scan": scan})
    assert answer.status_code == 422 and "查毒发现恶意程序（Eicar-Signature）" in text_of(answer)
    assert Task.objects.get().state == "open" and not CaseFile.objects.exists()
