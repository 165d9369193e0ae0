"""人籍核对 from file to file: the bureau's officer hands the national export in, the school answers case by case, the officer
several at once, and the next export closes what it shows mended. Nobody types anything twice, and 学籍 is changed by nobody here."""

from __future__ import annotations

import csv
import re
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from lingqu.config.demo.audiences import STORY_SCHOOL_CODE
from lingqu.config.demo.files import export_city
from lingqu.config.demo.national import NATIONAL_FILE, write_national
from lingqu.kernel.clock import today

from .conftest import PEOPLE, DemoCity
from .visitor import Form, Page, Visitor

SCHOOL, CLASS, GRADE, STATE = "学校", "班级", "年级", "学籍状态"
NAME, NUMBER, REGISTERED, DAY = "姓名", "学籍号", "学籍所在学校", "学籍数据日期"
FIRST, LAST = (today() - timedelta(days=1)).isoformat(), today().isoformat()
"""Days of the two files; a day that has not come is no day of a file."""
Rows = list[dict[str, str]]


class Story:
    """The city's national export, and what is made wrong in it at the school of the story."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        export_city(PEOPLE, folder)
        write_national(folder, FIRST)
        with (folder / NATIONAL_FILE).open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle)
            self.rows, self.headings = list(reader), list(reader.fieldnames or ())
        mine = [row for row in self.rows if row[REGISTERED] == STORY_SCHOOL_CODE]
        assert len(mine) > 40
        self.missing, self.renamed, self.twice, self.resting = mine[-3:], mine[-5], mine[-6], mine[-7]
        self.graduated, self.leaving, self.elsewhere, self.wished = mine[-8], mine[-9], mine[-10], mine[-11]
        away = [row for row in reversed(self.rows) if row[REGISTERED] != STORY_SCHOOL_CODE]
        other = next(row for row in away if row[GRADE] == self.elsewhere[GRADE])
        self.there = {name: other[name] for name in (SCHOOL, CLASS, REGISTERED, GRADE)}

    def wrong(self) -> Rows:
        changes = {
            id(self.renamed): {NAME: self.renamed[NAME][0] + "错名"}, id(self.resting): {STATE: "休学"},
            id(self.graduated): {STATE: "毕业"}, id(self.leaving): {STATE: "转学（转出）"}, id(self.elsewhere): self.there,
        }  # fmt: skip
        rows = [{**row, **changes.get(id(row), {})} for row in self.rows if not any(row is one for one in self.missing)]
        return [*rows, {**self.twice, NUMBER: "L" + self.twice[NUMBER][1:], **self.there}]

    def right(self, new_name: str) -> Rows:
        return [{**row, NAME: new_name} if row is self.wished else row for row in self.rows]

    def write(self, rows: Rows, day: str) -> Path:
        path = self.folder / f"国家学籍 {day}.csv"
        with path.open("w", encoding="utf-8-sig", newline="") as handle:
            writer = csv.DictWriter(handle, self.headings)
            writer.writeheader()
            writer.writerows({**row, DAY: day} for row in rows)
        return path


def hand_in(officer: Visitor, story: Story, rows: Rows, day: str) -> Page:
    """Upload, wait for the checks, apply, and wait until the comparison shows the day and the rows of the file."""
    page = officer.get("/imports/new?source=national_pupil")
    page = officer.upload(
        page, page.form(having="place"), [story.write(rows, day)], source="national_pupil", into_demo="on"
    )
    assert re.fullmatch(r"/imports/IM-\d+-\d+", page.path), page.words[-600:]
    address = page.path

    def offers_to_apply() -> Page | None:
        seen = officer.get(address)
        return seen if 'value="apply"' in seen.text else None

    ready = wait_for(offers_to_apply)
    officer.send(ready, ready.form("/actions"), action="apply")

    def is_compared() -> Page | None:
        board = officer.get("/reconciliation")
        shows = f"国家学籍文件 {day}" in board.words and f"文件 {len(rows):,} 条" in board.words
        return board if shows and "正在核对" not in board.words else None

    return wait_for(is_compared)


def wait_for(look, seconds: float = 180) -> Page:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = look()
        if found is not None:
            return found
        time.sleep(1)
    raise AssertionError(f"{look.__name__} took longer than {seconds} s")


def case_link(visitor: Visitor, bucket: str, name: str, state: str = "") -> str:
    """The address of the case of a child, found by the search of the page."""
    page = visitor.get(f"/reconciliation?{urlencode({'bucket': bucket, 'state': state})}")
    found = visitor.send(page, page.form("/reconciliation/search"), q=name)
    links = [link for link in found.links() if "case=" in link]
    assert links, f"{name} is not in {bucket}: {found.words[:1500]}"
    return links[0]


def answer_form(page: Page) -> Form:
    """The form of the open case, not the one of the ticked rows."""
    return next(form for form in page.forms() if re.search(r"/cases/\d+/answer$", form.action))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("national"))


@pytest.fixture(scope="module")
def compared(city: DemoCity, story: Story) -> Visitor:
    officer = city.visitor("register_officer")
    hand_in(officer, story, story.wrong(), FIRST)
    return officer


BUCKETS = (
    ("no_entry", "missing", "国家文件里没有"), ("identity", "renamed", "不符"), ("several", "twice", "在籍"),
    ("leave_over", "resting", "已经返校"), ("not_raised", "graduated", "已升学"), ("in_transit", "leaving", "转学手续在途"),
    ("no_person", "elsewhere", "人籍分离"),
)  # fmt: skip


@pytest.mark.parametrize(("bucket", "who", "cause"), BUCKETS)
def test_each_child_stands_in_its_bucket_with_cause_owner_and_handling(
    compared: Visitor, story: Story, bucket: str, who: str, cause: str
) -> None:
    row = getattr(story, who)
    name = (row[0] if isinstance(row, list) else row)[NAME]
    page = compared.get(case_link(compared, bucket, name[0] if who == "renamed" else name))
    assert cause in page.words
    for part in ("办法", "佐证", "期限", "下一份国家文件一致时自动关闭", "转交"):
        assert part in page.words, part


def test_both_sides_of_the_equation_are_the_numbers_of_the_tiles(compared: Visitor, story: Story) -> None:
    words = compared.get("/reconciliation").words
    told = re.search(r"文件 ([\d,]+) 条 = ([^。]+)。就读 ([\d,]+) 人 = ([^。]+)。", words)
    assert told, words[:800]
    for whole, parts in ((told[1], told[2]), (told[3], told[4])):
        numbers = [int(one.replace(",", "")) for one in re.findall(r" ([\d,]+)(?: \+|$)", parts)]
        assert sum(numbers) == int(whole.replace(",", ""))
    assert int(told[1].replace(",", "")) == len(story.wrong())


def test_the_school_answers_with_a_scan_and_the_officer_several_at_once(
    city: DemoCity, compared: Visitor, story: Story, tmp_path: Path
) -> None:
    scan = tmp_path / "转学证明.pdf"
    scan.write_bytes(b"%PDF-1.7\n")
    school, name = city.visitor("school_admin"), NAME
    page = school.get(case_link(school, "several", story.twice[name]))
    refused = school.send(page, answer_form(page), handling="evidence", note="没有材料", action="done")
    assert refused.status == 422
    assert "佐证要先上传证明材料" in refused.words
    page = school.upload(page, page.form("/evidence"), [scan])
    assert "转学证明.pdf" in page.words
    handled = (
        ("several", "twice", "delete"), ("leave_over", "resting", "change"), ("not_raised", "graduated", "transfer"),
        ("in_transit", "leaving", "evidence"), ("no_person", "elsewhere", "persuade"),
    )  # fmt: skip
    for bucket, who, handling in handled:
        page = school.get(case_link(school, bucket, getattr(story, who)[name]))
        if handling == "evidence":
            page = school.upload(page, page.form("/evidence"), [scan])
        page = school.send(page, answer_form(page), handling=handling, note="已在国家系统提交", action="done")
        assert "已报办结" in page.words, (bucket, page.words[:600])
    _officer_answers_the_missing(compared, story, scan)


def _officer_answers_the_missing(officer: Visitor, story: Story, scan: Path) -> None:
    """Three children of one cause: ticked, one scan, one click."""
    names = [row[NAME] for row in story.missing]
    ids = [re.search(r"case=(\d+)", case_link(officer, "no_entry", one))[1] for one in names]  # type: ignore[index]
    page = officer.get("/reconciliation?bucket=no_entry&cause=to_add")
    told = officer.upload(
        page,
        page.form("/cases/answer"),
        [scan],
        more=[("chosen", one) for one in ids],
        handling="create",
        note="已补建",
        action="done",
    )
    assert "3 条已报办结" in told.words, told.words[:800]
    assert "已办，待核销" in officer.get(case_link(officer, "no_entry", names[0])).words


def test_an_owner_is_told_and_the_workbook_can_be_had(compared: Visitor, story: Story) -> None:
    page = compared.get(case_link(compared, "identity", story.renamed[NAME][0]))
    told = compared.send(page, page.form("/reconciliation/remind", having="owner"))
    assert "正在催办 1 个单位" in told.words, told.words[:600]
    book = compared.get("/reconciliation/cases.xlsx")
    assert (book.status, book.body[:2]) == (200, b"PK")


def test_the_next_file_closes_what_it_shows_mended_and_the_wish(
    city: DemoCity, compared: Visitor, story: Story
) -> None:
    school, name = city.visitor("school_admin"), NAME
    number = _person_number(city, school, story.wished[name])
    page = school.get(f"/reconciliation/tickets/new/{number}")
    wished = story.wished[name][0] + "新名"
    told = school.send(page, page.form(having="value"), field="name", value=wished, reason="户口簿改名")
    assert wished in told.words
    assert wished in compared.get("/reconciliation/tickets").words, "the county sees the wish of its school"
    hand_in(compared, story, story.right(wished), LAST)
    closed = compared.get("/reconciliation/tickets?state=closed")
    assert wished in closed.words
    for bucket, who, _cause in BUCKETS:
        row = getattr(story, who)
        one = (row[0] if isinstance(row, list) else row)[name]
        assert "核销" in compared.get(case_link(compared, bucket, one[0] if who == "renamed" else one, "closed")).words


def _person_number(city: DemoCity, school: Visitor, name: str) -> str:
    page = school.get("/search")
    page = school.send(page, page.form(having="q"), q=name)
    found = re.findall(r"/people/(\d{12})", page.text)
    assert found, page.words[:500]
    return found[0]
