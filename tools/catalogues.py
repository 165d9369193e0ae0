"""Message catalogues: ``update`` rewrites ``en`` from the texts in the code, ``check`` says what is missing in it.

    python tools/catalogues.py update | check | missing

Chinese msgids are the source, so only English is a catalogue. ``missing`` prints the texts without a translation, one
JSON string a line; ``fill FILE`` reads lines of ``{"id": …, "text": …}`` (``text`` may be a list for plurals).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
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
PLACE = re.compile(r"%\([a-z_0-9]+\)[a-z.0-9]+|\{[a-z_0-9]+\}")


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
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as handle:
        write_po(
            handle,
            catalogue,
            omit_header=False,
            sort_output=True,
            include_lineno=False,
            width=120,
            ignore_obsolete=True,
        )


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


def faults() -> Iterator[str]:
    """What keeps the English catalogue from being whole and safe."""
    english = stored()
    for message in extracted():
        if not message.id:
            continue
        known = english.get(message.id, message.context)
        first = message.id[0] if isinstance(message.id, tuple) else message.id
        if known is None or not is_translated(known):
            yield f"not translated: {first!r} ({message.locations[0][0]})"
            continue
        for text in known.string if isinstance(known.string, tuple) else (known.string,):
            if placeholders(text) != placeholders(first):
                yield f"placeholders differ: {first!r} -> {text!r}"


def missing() -> Iterator[str | list[str]]:
    english = stored()
    for message in extracted():
        known = english.get(message.id, message.context) if message.id else None
        if message.id and (known is None or not is_translated(known)):
            yield list(message.id) if isinstance(message.id, tuple) else message.id


def fill(path: Path) -> int:
    english, count = update(), 0
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        key = tuple(entry["id"]) if isinstance(entry["id"], list) else entry["id"]
        message = english.get(key, entry.get("context"))
        if message is not None:
            message.string = tuple(entry["text"]) if isinstance(entry["text"], list) else entry["text"]
            count += 1
    write(english)
    return count


def main() -> int:
    verb = sys.argv[1] if len(sys.argv) > 1 else "check"
    if verb == "update":
        update()
    elif verb == "missing":
        for text in missing():
            print(json.dumps(text, ensure_ascii=False))
    elif verb == "fill":
        print(f"{fill(Path(sys.argv[2]))} texts filled")
    else:
        found = list(faults()) if ENGLISH.is_file() else []
        print("\n".join(found[:100]))
        print(f"{len(found)} faults in the English catalogue")
        return 1 if found else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
