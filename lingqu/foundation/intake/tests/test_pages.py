from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lingqu.foundation.identity.testing import browser, duty_account, make_school
from lingqu.foundation.registry import api as registry
from lingqu.kernel.testing import run_jobs

from ..models import Import
from .conftest import PUPILS, csv_of, pupil


@pytest.fixture(autouse=True)
def ready(db: None) -> None:
    registry.prepare()


def upload(client, place: str, rows=None):
    text = csv_of(rows or [PUPILS, pupil(学校="3301000009"), pupil("", 学校="3301000009")])
    return client.post(
        "/imports/new",
        {"rosters": SimpleUploadedFile("学生.csv", text.encode()), "place": place, "source": "school-roster"},
    )


def test_from_upload_to_withdrawal() -> None:
    school = make_school("3301000009", "云溪县第九中学")
    root = registry.root_organisation()
    client = browser(duty_account("operator"))
    assert client.get("/imports").status_code == 200
    assert client.get("/imports/new").status_code == 200
    answer = upload(client, str(root.path))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    run_jobs()
    record = Import.objects.get()
    assert record.state == "checked", (record.state, record.refusal)
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert "先写入 1 行" in page.content.decode()
    assert client.get(f"/imports/{record.number}?by=rule").status_code == 200
    assert client.get(f"/imports/{record.number}?severity=block&row=3").status_code == 200
    assert client.get(f"/imports/{record.number}/standing", headers={"HX-Request": "true"}).status_code == 200
    assert client.get(f"/imports/{record.number}/mapping").status_code == 200
    report = client.get(f"/imports/{record.number}/report.xlsx")
    assert b"".join(report.streaming_content)[:2] == b"PK"
    assert client.get("/imports/templates").status_code == 200
    assert client.get("/imports/templates/students.xlsx").content[:2] == b"PK"
    for _click in range(2):
        assert client.post(f"/imports/{record.number}/actions", {"action": "apply"}).status_code == 302
    run_jobs()
    record.refresh_from_db()
    assert record.state == "applied"
    assert record.counts["created"]["people"] == 1
    assert client.get(f"/imports/{record.number}").status_code == 200
    client.post(f"/imports/{record.number}/actions", {"action": "apply"})
    assert client.post(f"/imports/{record.number}/actions", {"action": "withdraw"}).status_code == 302
    record.refresh_from_db()
    assert record.state == "withdrawn"
    assert school.code == "3301000009"


def test_pages_of_an_import_take_few_statements(django_assert_max_num_queries) -> None:
    make_school("3301000009", "云溪县第九中学")
    client = browser(duty_account("operator"))
    upload(client, str(registry.root_organisation().path))
    run_jobs()
    number = Import.objects.get().number
    client.get(f"/imports/{number}")
    pages = ("", "?by=rule", "?by=who", "?severity=block", "/mapping", "/standing")
    for address in ("/imports", "/imports/new", *(f"/imports/{number}{page}" for page in pages)):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200, address


def test_findings_are_paged_by_key_and_filtered() -> None:
    """Forty rows of two schools: every finding once over all pages, each school its own, the unknown school nobody's."""
    for code, name in (("3301000009", "云溪县第九中学"), ("3301000010", "云溪县第十中学")):
        make_school(code, name)
    client = browser(duty_account("operator"))
    rows = [PUPILS, *(pupil(f"生{at}", 学校=f"33010000{9 + at % 2:02d}", 性别="") for at in range(40))]
    upload(client, str(registry.root_organisation().path), rows)
    run_jobs()
    number = Import.objects.get().number

    def seen(query: str) -> list[int]:
        found, address = [], f"/imports/{number}?{query}"
        while address:
            text = client.get(address).content.decode()
            found += [int(row) for row in re.findall(r'<tr><td class="lq-num">(\d+)</td>', text)]
            onward = re.search(r'href="([^"]*cursor=[^"]*)"[^>]*>(?:<[^>]*>)*下一页', text)
            address = html.unescape(onward[1]) if onward else ""
            address = address if address.startswith("/") or not address else f"/imports/{number}{address}"
        return found

    assert sorted(seen("severity=block")) == list(range(2, 42))
    assert sorted(seen("severity=block&who=云溪县第十中学")) == list(range(3, 42, 2))
    assert seen("severity=block&row=7") == [7]
    assert seen("rule=required&who=别的学校") == []
    assert client.get(f"/imports/{number}/report.xlsx?who=别的学校").status_code == 404


def test_unknown_headings_ask_a_person_once() -> None:
    make_school("3301000009", "云溪县第九中学")
    root = registry.root_organisation()
    client = browser(duty_account("operator"))
    rows = [
        ["孩子叫啥", "男女", "哪个学校", "哪个班级"],
        ["张三", "男", "3301000009", "七(1)班"],
        ["李四", "女", "3301000009", "七(1)班"],
    ]
    upload(client, str(root.path), rows)
    run_jobs()
    record = Import.objects.get()
    assert record.state == "mapping"
    page = client.get(f"/imports/{record.number}/mapping")
    assert page.status_code == 200
    digest = record.counts["sheets"][0]["digest"]
    data = {"do": "confirm", f"kind-{digest}": "students"}
    data |= {f"col-{digest}-{at}": column for at, column in enumerate(["name", "sex", "school_ref", "class_ref"])}
    assert client.post(f"/imports/{record.number}/mapping", {**data, f"col-{digest}-0": ""}).status_code == 422
    assert client.post(f"/imports/{record.number}/mapping", data).status_code == 302
    run_jobs()
    record.refresh_from_db()
    assert record.state == "checked"
    assert record.counts["rows"] == 2
    upload(client, str(root.path), rows)
    run_jobs()
    assert Import.objects.order_by("-created_at")[0].state == "checked"


def test_pieces() -> None:
    client = browser(duty_account("operator"))
    data = csv_of([PUPILS, pupil()]).encode()
    begun = client.post("/imports/uploads", {"name": "a.csv", "size": len(data), "fingerprint": "f"}).json()
    url = f"/imports/uploads/{begun['id']}"
    assert client.post(
        url, data[:20], content_type="application/octet-stream", headers={"Upload-Offset": "0"}
    ).json() == {"offset": 20}
    assert (
        client.post(url, data[:20], content_type="application/octet-stream", headers={"Upload-Offset": "0"}).status_code
        == 409
    )
    half = client.post(
        "/imports/new",
        {"upload": begun["id"], "place": str(registry.root_organisation().path), "source": "school-roster"},
    )
    assert half.status_code == 422
    assert client.post(
        url, data[20:], content_type="application/octet-stream", headers={"Upload-Offset": "20"}
    ).json() == {"offset": len(data)}
    whole = client.post(
        "/imports/new",
        {"upload": begun["id"], "place": str(registry.root_organisation().path), "source": "school-roster"},
    )
    assert whole.status_code == 302


MAY_RUN = {"operator", "county_admin", "register_officer", "school_admin"}
AT_SCHOOL = {"principal", "school_admin"}
GRANTED = (
    "operator", "system_admin", "security_admin", "auditor", "bureau_leader", "county_admin", "register_officer",
    "principal", "school_admin", "reviewer", "expert", "vendor",
)  # fmt: skip


@pytest.mark.parametrize("role", GRANTED)
def test_every_role_on_every_address(role: str) -> None:
    place = make_school("3301000009", "云溪县第九中学") if role in AT_SCHOOL else None
    client = browser(duty_account(role, place))
    may = role in MAY_RUN
    for address in ("/imports", "/imports/new", "/imports/templates"):
        assert client.get(address).status_code == (200 if may else 403), address
    assert client.get("/imports/templates/students.xlsx").status_code == 200
    refused = client.post("/imports/IM-0/actions", {"action": "apply"}).status_code
    assert refused == (404 if may else 403)


def test_another_place_is_refused() -> None:
    make_school("3301000009", "云溪县第九中学")
    root = registry.root_organisation()
    upload(browser(duty_account("operator")), str(root.path))
    number = Import.objects.get().number
    client = browser(duty_account("school_admin", make_school("3301000010", "云溪县第十中学")))
    for address in (
        f"/imports/{number}",
        f"/imports/{number}/report.xlsx",
        f"/imports/{number}/mapping",
        f"/imports/{number}/standing",
    ):
        assert client.get(address).status_code == 403, address
    for action in ("apply", "cancel", "resume", "withdraw"):
        assert client.post(f"/imports/{number}/actions", {"action": action}).status_code == 403
    assert upload(client, str(root.path)).status_code == 422
    assert number not in client.get("/imports").content.decode()


def test_imports_are_found_by_number_file_and_organisation_and_only_within_reach(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    own, other = make_school("3301000009", "云溪县第九中学"), make_school("3301000010", "邻县中学")
    client, neighbour = browser(duty_account("school_admin", own)), browser(duty_account("school_admin", other))
    assert upload(client, str(own.path)).status_code == 302
    number = Import.objects.get().number
    for text in (number, number[-3:].lower(), "学生", "第九中学"):
        assert number in client.get("/imports", {"q": text}).content.decode(), text
        assert number not in neighbour.get("/imports", {"q": text}).content.decode()
    nothing = client.get("/imports", {"q": "没有这个"}).content.decode()
    assert number not in nothing
    assert "没有这个" in nothing
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get("/imports", {"q": "学生"})
