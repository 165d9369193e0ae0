"""Message catalogues. Chinese msgids are the source, so only English is a catalogue; it must be whole.

    python tools/catalogues.py check              # what is missing, fuzzy or unsafe; part of make check
    python tools/catalogues.py missing > todo     # one line a text: {"id": …, "text": "", "file": …}
    python tools/catalogues.py fill todo          # takes the lines whose text was written; compiles
    python tools/catalogues.py update             # only drops texts that are gone from the code; compiles

A plural has two texts: ``"id": [one, many], "text": [one, many]``. A counter that English does not have (人, 个, 条 …) is
translated by a no-break space. ``fill`` also takes a file whose lines carry no ``file``, and a text that is already there.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "lingqu" / "config" / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "django.po"
METHODS = [
    ("**/tests/**", "ignore"),
    ("**/testing.py", "ignore"),
    ("**/templates/**.html", "jinja2"),
    ("**/templates/**.txt", "jinja2"),
    ("**.py", "python"),
]
OPTIONS = {name: {"trimmed": "false", "silent": "false"} for name in ("**/templates/**.html", "**/templates/**.txt")}
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
PLACE = re.compile(r"%\([a-z_0-9]+\)(?:\.[0-9]+)?[a-z]|\{[a-z_0-9]+\}")
CHINESE = re.compile("[\u3400-\u9fff]")
LATIN = re.compile("[A-Za-z]")
KEPT = {"七（3）班", "初一（3）班", "2024级3班"}
"""Texts that are Chinese forms of writing."""
HEADER = """# English texts of Lingqu. Written by tools/catalogues.py; see its first lines.
msgid ""
msgstr ""
"Language: en\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def extracted() -> Catalog:
    """Every translatable text of the project."""
    catalogue = Catalog(project="lingqu", charset="utf-8", fuzzy=False)
    found = extract_from_dir(ROOT / "lingqu", METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
    for filename, _line, message, comments, context in found:
        place = [(f"lingqu/{filename}", 0)]
        catalogue.add(message, None, place, auto_comments=comments, context=context)
    return catalogue


def stored() -> Catalog:
    if not ENGLISH.is_file():
        return Catalog(locale="en", project="lingqu")
    with ENGLISH.open("rb") as handle:
        return read_po(handle, locale="en")


def write(catalogue: Catalog) -> None:
    """Sorted, without places and dates, so that two branches rarely touch the same lines; then compiled."""
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    lean = Catalog(locale="en", charset="utf-8", fuzzy=False)
    for message in catalogue:
        if message.id:
            lean.add(message.id, message.string, flags=message.flags, context=message.context)
    with ENGLISH.open("wb") as handle:
        handle.write(HEADER.encode())
        write_po(handle, lean, sort_output=True, no_location=True, width=120, omit_header=True)
    with ENGLISH.with_suffix(".mo").open("wb") as handle:
        write_mo(handle, lean)


def update() -> Catalog:
    english = stored()
    english.update(extracted(), no_fuzzy_matching=True)
    english.fuzzy = False
    write(english)
    return english


def is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return not message.fuzzy and all(texts)


def placeholders(text: str) -> list[str]:
    return sorted(PLACE.findall(text))


def first_of(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def faults_in(source: Catalog, english: Catalog) -> Iterator[str]:
    """What keeps ``english`` from being whole and safe for the texts of ``source``."""
    for message in source:
        if not message.id:
            continue
        known, first = english.get(message.id, message.context), first_of(message)
        if known is None or not is_translated(known):
            yield f"not translated: {first!r} ({message.locations[0][0]})"
            continue
        for text in known.string if isinstance(known.string, tuple) else (known.string,):
            if placeholders(text) != placeholders(first):
                yield f"placeholders differ: {first!r} -> {text!r}"
            if CHINESE.search(text) and not LATIN.search(text) and text not in KEPT:
                yield f"Chinese in English: {text!r}"


def missing() -> Iterator[dict[str, object]]:
    english = stored()
    for message in extracted():
        known = english.get(message.id, message.context) if message.id else None
        if message.id and (known is None or not is_translated(known)):
            plural = isinstance(message.id, tuple)
            entry = {"id": list(message.id) if plural else message.id, "text": ["", ""] if plural else ""}
            yield {**entry, "file": message.locations[0][0]} | ({"context": message.context} if message.context else {})


def fill(path: Path) -> int:
    english, count = update(), 0
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        key = tuple(entry["id"]) if isinstance(entry["id"], list) else entry["id"]
        message = english.get(key, entry.get("context"))
        if message is not None and entry["text"] and all(entry["text"]):
            message.string = tuple(entry["text"]) if isinstance(entry["text"], list) else entry["text"]
            message.flags.discard("fuzzy")
            count += 1
    write(english)
    return count


def main() -> int:
    verb = sys.argv[1] if len(sys.argv) > 1 else "check"
    if verb == "update":
        update()
    elif verb == "missing":
        for entry in missing():
            print(json.dumps(entry, ensure_ascii=False))
    elif verb == "fill":
        print(f"{fill(Path(sys.argv[2]))} texts filled, {len(list(missing()))} missing")
    else:
        found = list(faults_in(extracted(), stored()))
        print("\n".join(found[:100]))
        print(f"{len(found)} faults in the English catalogue")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
