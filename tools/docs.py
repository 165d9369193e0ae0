"""``make docs``: gathers the documents of the project, the modules' own included, and builds ``site/`` strictly.

A link that leads nowhere, a heading that does not exist or a page outside the navigation is an error. Nothing is fetched:
pages load no font and no script from elsewhere.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

ROOT = Path(__file__).resolve().parents[1]
GATHERED, SITE = ROOT / "build" / "docs", ROOT / "site"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
FOREIGN = re.compile(r"(?:src|href)=\"?(?:https?:)?//(?!localhost)[^\"'>\s]+|url\((?:https?:)?//[^)]+\)")
FIXED = {"README.zh.md": "index.md", "README.md": "english.md", ".env.example": "settings.md"}


def pages() -> dict[Path, Path]:
    """Document → its place below the site."""
    found = {ROOT / name: Path(goal) for name, goal in FIXED.items()}
    for path in sorted((ROOT / "docs").rglob("*.md")):
        found[path] = path.relative_to(ROOT / "docs")
    for path in sorted((ROOT / "lingqu").rglob("README.md")):
        found[path] = Path("modules") / f"{path.parent.name}.md"
    return found


def rewritten(path: Path, goal: Path, known: dict[Path, Path]) -> str:
    """The text with its links as they have to be in the site; links into the source become plain text."""

    def turn(match: re.Match[str]) -> str:
        mark, label, target = match.groups()
        name, hash_sign, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not name:
            return match.group()
        source = (path.parent / name).resolve()
        place = known.get(source)
        if place is None and source.is_relative_to(ROOT / "docs") and source.is_file():
            place = source.relative_to(ROOT / "docs")
        if place is None:
            return label if source.exists() else match.group()
        return f"{mark}[{label}]({os.path.relpath(place, goal.parent)}{hash_sign}{anchor})"

    text = path.read_text(encoding="utf-8")
    if path.name == ".env.example":
        return f"# 设置 · Settings\n\n```\n{text}```\n"
    return LINK.sub(turn, text)


def gather() -> dict[Path, Path]:
    shutil.rmtree(GATHERED, ignore_errors=True)
    known = pages()
    for path, goal in known.items():
        target = GATHERED / goal
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rewritten(path, goal, known), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "pictures", GATHERED / "pictures")
    return known


def navigation(known: dict[Path, Path]) -> list[dict[str, Any]]:
    goals = [goal.as_posix() for goal in known.values()]
    decisions = [goal for goal in goals if goal.startswith("decisions/") and not goal.endswith("README.md")]
    return [
        {"首页": "index.md"},
        {"English": "english.md"},
        {"运维手册": "operators-guide.md"},
        {"Operator's guide": "operators-guide.en.md"},
        {"办事与请假使用说明": "services-guide.md"},
        {"Services and leave": "services-guide.en.md"},
        {"设置 · Settings": "settings.md"},
        {"开发 · Development": ["developers-guide.md", "glossary.md", "xapi-profile.md", "state.md"]},
        {"模块 · Modules": [goal for goal in goals if goal.startswith("modules/")]},
        {"决定 · Decisions": ["decisions/README.md", *decisions]},
    ]


def foreign_addresses() -> list[str]:
    """What a page would load from elsewhere while it is read (links that a reader follows are no matter)."""
    found = []
    for path in SITE.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        for tag in re.findall(r"<(?:script|img|iframe|link)\b[^>]*>", text):
            if 'rel="canonical"' not in tag and FOREIGN.search(tag):
                found.append(f"{path.relative_to(SITE)}: {tag[:160]}")
    return found


def main() -> int:
    known = gather()
    try:
        build(load_config(
            str(ROOT / "mkdocs.yml"), docs_dir=str(GATHERED), site_dir=str(SITE), nav=navigation(known), strict=True
        ))  # fmt: skip
    except MkDocsException as error:
        print(error)
        return 1
    found = foreign_addresses()
    print("\n".join(found) if found else f"{len(known)} documents in site/")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
