"""``make docs``: checks every link between the documents and writes them as pages into ``site/``."""

from __future__ import annotations

import html
import re
import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title></head>
<body><main>{body}</main></body></html>
"""


def documents() -> list[Path]:
    """Every document of the project, the modules' own included."""
    found = [*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "lingqu").rglob("README.md")]
    return sorted(path for path in found if path.is_file() and "node_modules" not in path.parts)


def anchors(text: str) -> set[str]:
    heads = re.findall(r"^#+\s+(.+?)\s*$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def broken_links(path: Path) -> list[str]:
    text, found = path.read_text(encoding="utf-8"), []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        if not goal.exists():
            found.append(f"{path.relative_to(ROOT)}: {target} does not exist")
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal.read_text(encoding="utf-8")):
            found.append(f"{path.relative_to(ROOT)}: {target} names no heading")
    return found


def write_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    title = next(iter(re.findall(r"^#\s+(.+)$", text, flags=re.MULTILINE)), path.stem)
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    body = re.sub(r'href="([^":]+)\.md(#[^"]*)?"', r'href="\1.html\2"', body)
    target = SITE / path.relative_to(ROOT).with_suffix(".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    language = "zh-Hans" if re.search(r"[\u4e00-\u9fff]", title) else "en"
    target.write_text(PAGE.format(language=language, title=html.escape(title), body=body), encoding="utf-8")
    for picture in LINK.findall(text):
        source = (path.parent / picture).resolve()
        if source.suffix in {".png", ".svg", ".jpg"} and source.is_file():
            goal = SITE / source.relative_to(ROOT)
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, goal)


def main() -> int:
    shutil.rmtree(SITE, ignore_errors=True)
    found = [line for path in documents() for line in broken_links(path)]
    for path in documents():
        write_page(path)
    print("\n".join(found) if found else f"{len(documents())} documents in site/")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
