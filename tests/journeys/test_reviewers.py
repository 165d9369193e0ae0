"""The demo city's own people bring an application to the shelf: function, security and privacy, each another one."""

from __future__ import annotations

from typing import Any

from lingqu.kernel.clock import today

DETAILS = {
    "name": "诗词接龙（演示）", "summary": "一句接一句。", "category": "teaching", "home_url": "https://poems.apps.example/",
    "session_minutes": "60",
}  # fmt: skip
FILING = {
    "provider_record": "演教APP备0000002号", "icp_record": "演ICP备00000002号", "protection_level": "2",
    "protection_tested_on": today().isoformat(), "credit_code": "91350100M000100Y43", "data_place": "东江省云汀市，不出境",
    "sdks": "无", "fees": "免费", "data_return": "停用后 30 天内返还并删除", "emergency_name": "章予",
    "emergency_phone": "12000000001",
}  # fmt: skip
REVIEWERS = {"city_admin": "function", "security_admin": "security", "register_officer": "privacy"}


def test_a_submission_goes_live_by_three_hands(city: Any) -> None:
    vendor = city.visitor("vendor")
    page = vendor.get("/applications/new")
    made = vendor.send(page, page.form(having="summary"), **DETAILS)
    url = made.path
    assert (made.status, url.startswith("/applications/lq")) == (200, True), made.words[:600]
    page = vendor.get(f"{url}/filing")
    vendor.send(page, page.form(having="icp_record"), **FILING)
    page = vendor.get(url)
    vendor.send(page, page.form(f"{url}/scopes"), scope="profile", basis="duty", purpose="显示姓名")
    page = vendor.get(url)
    submitted = vendor.send(page, page.form(f"{url}/submit"))
    assert "审核中" in submitted.words, submitted.words[:600]
    for at, (audience, kind) in enumerate(REVIEWERS.items(), start=1):
        reviewer = city.visitor(audience)
        page = reviewer.get(url)
        judged = reviewer.send(page, page.form(f"{url}/review"), kind=kind, verdict="pass", remark="符合要求")
        assert judged.status == 200 and judged.words.count("符合要求") == at, judged.words[:600]
        again = [form for form in reviewer.get(url).forms() if form.action == f"{url}/review"]
        assert not again, "one opinion each"
    assert "已上架" in vendor.get(url).words
