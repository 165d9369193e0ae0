"""What of a statement goes when the person it is by or about is erased."""

from __future__ import annotations

from typing import Any


def without_words(body: dict[str, Any]) -> dict[str, Any]:
    """A copy without what a person wrote or an application noted freely: answers, extensions, attachments. Verb, activity, times,
    scores and success stay. What the copy has as its object is treated alike."""
    made = {name: value for name, value in body.items() if name != "attachments"}
    for name in ("result", "context"):
        if isinstance(made.get(name), dict):
            made[name] = {one: value for one, value in made[name].items() if one not in ("response", "extensions")}
    target = made.get("object")
    if isinstance(target, dict) and target.get("objectType") == "SubStatement":
        made["object"] = without_words(target)
    return made
