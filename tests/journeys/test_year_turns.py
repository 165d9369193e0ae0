"""A 九年一贯 五四 school goes up a year: somebody to be kept back, somebody away; undone, applied; last June still reads right."""

from __future__ import annotations

from .conftest import DemoCity

YEAR = "2027-2028"
SCHOOL = "青湾县实验学校"
LABELS = tuple(f"{n}年级" for n in "一二三四五六七八九")


def test_a_nine_year_school_goes_up_comes_back_and_goes_up_again(city: DemoCity) -> None:
    here = ("--year", YEAR)
    preview = city.command("rollover", "preview", *here)
    assert preview["moves"] == sum(preview[part] for part in ("up", "stage", "central", "graduate", "new", "stay"))
    officer = city.visitor("register_officer")
    board = officer.get(f"/yearly/rollover?year={YEAR}")
    assert board.status == 200
    assert f"= {preview['moves']:,} 人次" in board.words
    found = officer.get(f"/yearly/rollover?year={YEAR}&q={_quoted(SCHOOL)}")
    [link] = {link for link in found.links() if "/yearly/rollover/schools/" in link and link.endswith(YEAR)}
    code = link.split("/schools/")[1].split("?")[0]
    page = officer.get(link)
    assert "六（1）班" in page.words or "初一（1）班" in page.words

    second = next(link for link in page.links() if link.startswith("/classes/"))
    pupil = next(one for one in officer.get(second).links() if one.startswith("/people/")).rsplit("/", 1)[1]
    june = _life(city, pupil, "2027-06-20")
    own = str(june["grade"])
    refused = officer.send(
        page,
        page.form("/decide", having="grade"),
        number=pupil,
        grade=f"G{LABELS.index(own) + 1:02d}",
        reason="家长要求留级",
    )
    assert "义务教育阶段不得留级" in refused.words

    node = (*here, "--node", code, "--include-missing")
    assert city.command("rollover", "apply", *node)["result"] == {"applied": 1}
    assert _life(city, pupil, "2027-10-01")["grade"] == LABELS[LABELS.index(own) + 1]
    assert city.command("rollover", "undo", *here, "--node", code)["result"] == {"undone": 1}
    assert _life(city, pupil, "2027-10-01")["grade"] == own
    assert city.command("rollover", "apply", *node)["result"] == {"applied": 1}
    assert _life(city, pupil, "2027-06-20") == june
    export = officer.get(f"/yearly/rollover/changes.xlsx?year={YEAR}&node={code}")
    assert export.status == 200
    assert export.body[:2] == b"PK"
    assert city.command("rollover", "undo", *here, "--node", code)["result"] == {"undone": 1}


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _life(city: DemoCity, number: str, day: str) -> dict[str, object]:
    """Grade and class of a pupil on a day."""
    told = city.command("person", "show", number, "--as-of", day)
    return {"grade": told["enrolments"][0]["grade"], "classes": told["classes"]}
