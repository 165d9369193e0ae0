"""The profile of the platform's own words: complete in both languages, and the page of the documents agrees with it."""

from __future__ import annotations

import json
from pathlib import Path

from lingqu.learning.records.types import profile

ROOT = Path(__file__).parents[4]


def test_every_concept_is_written_once_in_both_languages() -> None:
    made = json.loads(json.dumps(profile.document("https://lingqu.example/xapi/profile")))
    ids = [one["id"] for one in made["concepts"] + made["templates"]]
    assert len(ids) == len(set(ids)) == len(profile.CONCEPTS) + len(profile.TEMPLATES)
    assert all(set(one[field]) == {"zh-CN", "en"} for one in made["concepts"] for field in ("prefLabel", "definition"))
    assert {one["inScheme"] for one in made["concepts"]} == {made["versions"][0]["id"]}
    known = {one["id"] for one in made["concepts"]}
    assert {one["verb"] for one in made["templates"]} | {
        one["objectActivityType"] for one in made["templates"]
    } <= known
    extensions = [one for one in made["concepts"] if one["type"].endswith("Extension")]
    assert extensions and all(json.loads(one["inlineSchema"])["type"] for one in extensions)


def test_the_page_of_the_documents_holds_the_same_words() -> None:
    assert profile.as_table() in (ROOT / "docs" / "xapi-profile.md").read_text()
