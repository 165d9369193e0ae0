"""An operator and a county's file in a real browser: upload, map a column, check, write, report, correct, send again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from lingqu.foundation.identity import testing
from lingqu.foundation.identity.middleware import forget_standings
from lingqu.foundation.intake.models import Import, PartialUpload
from lingqu.foundation.registry import api as registry
from lingqu.kernel import home
from lingqu.kernel.testing import run_jobs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SCHOOL = "云溪县第九中学"
ROWS = [
    ["孩子大名", "性别", "所在学校", "班级", "身份证件号"],
    ["张晓明", "男", SCHOOL, "七(1)班", ""],
    ["李晓红", "女", SCHOOL, "七(1)班", 3.70202e17],
    ["王小雨", "", SCHOOL, "七(2)班", ""],
    ["赵小雪", "女", SCHOOL, "七(2)班", ""],
]


@pytest.fixture
def operator(settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.LINGQU_HOME = str(tmp_path / "home")
    (tmp_path / "home").mkdir()
    forget_standings()
    registry.prepare()
    testing.make_school("3301000009", SCHOOL)
    yield testing.duty_account("operator")


@pytest.fixture
def county_file(tmp_path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("学生")
    sheet.write_merge(0, 0, 0, 4, "云溪县学生花名册")
    for at, row in enumerate(ROWS, 1):
        for column, value in enumerate(row):
            sheet.write(at, column, value)
    path = tmp_path / "云溪县学生.xls"
    book.save(str(path))
    return path


def send(screen: Any, path: Path) -> None:
    """Choose a file and send it; the script takes it in pieces."""
    page = screen.visit("/imports/new")
    page.set_input_files("[name=rosters]", str(path))
    page.get_by_role("button", name="上传并校验").click()
    page.wait_for_url("**/imports/IM-*")


def settled(screen: Any) -> Import:
    """What the worker does, then the page as it stands; meanwhile no page asks how far the import is."""
    screen.page.goto("about:blank")
    run_jobs()
    record = Import.objects.order_by("-created_at")[0]
    screen.visit(f"/imports/{record.number}")
    return record


def download(page: Any, name: str, target: Path) -> Path:
    with page.expect_download() as told:
        page.get_by_role("link", name=name).first.click()
    told.value.save_as(target)
    return target


def corrected(report: Path, target: Path) -> Path:
    """The clerk mends the rows of the report: a sex, an ID number left empty."""
    book = openpyxl.load_workbook(report)
    sheet = next(sheet for sheet in book.worksheets if sheet.title.startswith("学生"))
    heads = [cell.value for cell in sheet[1]]
    assert heads[-1] == "错误"
    for row in sheet.iter_rows(min_row=2):
        assert row[-1].value
        if row[heads.index("姓名")].value == "王小雨":
            row[heads.index("性别")].value = "女"
        row[heads.index("身份证件号")].value = None
    book.save(target)
    return target


def test_from_the_county_file_to_a_corrected_roster(
    operator: Any, desktop: Any, phone: Any, county_file: Path, tmp_path: Path
) -> None:  # fmt: skip
    for screen in (desktop, phone):
        screen.sign_in(operator.login, testing.PASSWORD)
        screen.visit("/imports/new")
        screen.check()
        screen.shoot("import-new")
        screen.visit("/imports/templates")
        screen.check()
        screen.shoot("import-templates")
    send(desktop, county_file)
    desktop.check()
    assert settled(desktop).state == "mapping"
    page = desktop.page
    desktop.check()
    desktop.shoot("import-waits-for-mapping")
    page.get_by_role("link", name="去对应列").click()
    desktop.check()
    assert "张晓明" in page.inner_text("table"), "the first rows are there to judge by"
    page.get_by_label("“孩子大名”导入为").select_option("name")
    desktop.shoot("import-mapping")
    phone.visit(page.url.removeprefix(phone.base))
    phone.check()
    phone.shoot("import-mapping")
    page.get_by_role("button", name="确认并重新校验").click()
    page.wait_for_url("**/imports/IM-*")
    record = settled(desktop)
    assert (record.state, record.counts["rows"], record.counts["rejected"]) == ("checked", 4, 2)
    for screen in (desktop, phone):
        screen.visit(f"/imports/{record.number}")
        screen.check()
        screen.shoot("import-checked")
    page.get_by_role("button", name="先写入 2 行").click()
    page.wait_for_url("**/imports/IM-*")
    assert settled(desktop).state == "applied"
    phone.visit(f"/imports/{record.number}")
    for screen in (desktop, phone):
        screen.shoot("import-applied")
        screen.check()
    report = download(page, "下载报告", tmp_path / "report.xlsx")
    send(desktop, corrected(report, tmp_path / "改正.xlsx"))
    again = settled(desktop)
    assert (again.state, again.counts["rows"], again.counts["rejected"]) == ("checked", 4, 0)
    send(desktop, county_file)
    assert settled(desktop).state == "checked", "the mapping is remembered"
    for screen in (desktop, phone):
        screen.visit("/imports")
        screen.check()
        screen.shoot("imports")


def test_findings_by_rule_by_school_and_one_report_a_school(operator: Any, desktop: Any, phone: Any, county_file: Path,
                                                            tmp_path: Path) -> None:  # fmt: skip
    desktop.sign_in(operator.login, testing.PASSWORD)
    send(desktop, named(county_file, tmp_path))
    number = settled(desktop).number
    page = desktop.page
    for view, heading in (("by=rule", "按规则汇总"), ("by=who", "按单位汇总"), (f"who={SCHOOL}", "需要处理的行")):
        desktop.visit(f"/imports/{number}?{view}")
        assert page.get_by_role("table", name=heading).is_visible()
        desktop.check()
        desktop.shoot(f"import-{view[:6].replace('=', '-')}")
    desktop.visit(f"/imports/{number}")
    page.get_by_label("由谁处理").select_option(SCHOOL)
    page.wait_for_url("**who=*")
    phone.sign_in(operator.login, testing.PASSWORD)
    phone.visit(f"/imports/{number}?by=who")
    phone.check()
    phone.shoot("import-by-who")
    desktop.visit(f"/imports/{number}?by=who")
    own = openpyxl.load_workbook(download(page, f"下载{SCHOOL}的报告", tmp_path / "own.xlsx"))
    listed = list(own["问题清单"].iter_rows(min_row=2, values_only=True))
    assert listed and {row[-1] for row in listed} == {SCHOOL}


def named(path: Path, folder: Path) -> Path:
    """The same file with a heading that is known."""
    book = openpyxl.Workbook()
    book.active.title = "学生"
    for row in [["姓名", *ROWS[0][1:]], *ROWS[1:]]:
        book.active.append(row)
    target = folder / f"{path.stem}-2.xlsx"
    book.save(target)
    return target


def test_a_broken_upload_goes_on_where_it_stopped(operator: Any, desktop: Any, tmp_path: Path) -> None:
    """The connection breaks after the first piece; the page is loaded anew, the same file chosen, only the rest is sent."""
    path = tmp_path / "大.csv"
    line = f"张晓明,男,{SCHOOL},七(1)班\n".encode()
    path.write_bytes("姓名,性别,学校,班级\n".encode() + line * (9_000_000 // len(line)))
    desktop.sign_in(operator.login, testing.PASSWORD)
    page, offsets = desktop.page, []

    def one_piece_only(route: Any) -> None:
        offset = route.request.headers.get("upload-offset")
        offsets.append(offset)
        route.continue_() if offset == "0" else route.abort()

    page.route("**/imports/uploads/*", one_piece_only)
    page.goto(desktop.base + "/imports/new")
    page.set_input_files("[name=rosters]", str(path))
    page.get_by_role("button", name="上传并校验").click()
    page.get_by_text("网络断开，恢复后自动继续").wait_for()
    desktop.shoot("import-broken")
    got = PartialUpload.objects.get().received
    assert 0 < got < path.stat().st_size
    page.goto("about:blank")
    page.unroute("**/imports/uploads/*")
    desktop.problems.clear()
    offsets.clear()
    page.on("request", lambda asked: offsets.append(asked.headers.get("upload-offset")))
    desktop.visit("/imports/new")
    assert "大.csv" in page.inner_text("main")
    desktop.check()
    desktop.shoot("import-unfinished")
    page.set_input_files("[name=rosters]", str(path))
    page.get_by_role("button", name="上传并校验").click()
    page.wait_for_url("**/imports/IM-*")
    sent = [offset for offset in offsets if offset is not None]
    assert sent and "0" not in sent, "nothing is sent twice"
    assert Import.objects.get().files.get().size == path.stat().st_size


def test_an_upload_can_be_cancelled(operator: Any, desktop: Any, county_file: Path) -> None:
    desktop.sign_in(operator.login, testing.PASSWORD)
    page = desktop.visit("/imports/new")
    page.route(
        "**/imports/uploads/*", lambda route: route.continue_() if "cancel" in route.request.url else route.abort()
    )
    page.set_input_files("[name=rosters]", str(county_file))
    page.get_by_role("button", name="上传并校验").click()
    page.get_by_role("button", name="取消上传").click()
    page.locator("[data-sending-panel]").wait_for(state="hidden")
    assert page.get_by_role("button", name="上传并校验").is_enabled()
    for _moment in range(50):
        if not PartialUpload.objects.exists():
            break
        page.wait_for_timeout(100)
    assert not PartialUpload.objects.exists() and not Import.objects.exists()


def test_without_script_a_plain_upload_works(operator: Any, screens: Any, county_file: Path) -> None:
    screen = screens(1440, script=False)
    screen.sign_in(operator.login, testing.PASSWORD)
    send(screen, county_file)
    assert settled(screen).state == "mapping"


def test_a_demo_home_asks_before_it_takes_a_foreign_file(
    operator: Any, desktop: Any, phone: Any, county_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Refused with advice; the file that has arrived is kept, a tick sends it again as a trial."""
    monkeypatch.setattr(home, "is_demo", lambda: True)
    desktop.sign_in(operator.login, testing.PASSWORD)
    page = desktop.visit("/imports/new")
    page.set_input_files("[name=rosters]", str(county_file))
    page.get_by_role("button", name="上传并校验").click()
    page.get_by_text("没有上传成功").wait_for()
    desktop.problems.clear()
    assert county_file.name in page.inner_text("main")
    desktop.check()
    desktop.shoot("import-demo")
    page.get_by_label("我知道，这次只是在演示环境里试用").check()
    page.get_by_role("button", name="上传并校验").click()
    page.wait_for_url("**/imports/IM-*")
    assert settled(desktop).state == "mapping"
