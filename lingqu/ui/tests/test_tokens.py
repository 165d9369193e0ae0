"""Contrast of every pair of colours that text stands on, in both moods, computed from the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[1] / "static" / "ui" / "css" / "tokens.css").read_text(encoding="utf-8")
FLOOR, CONTROL_FLOOR = 4.5, 3.0
TEXTS = [
    ("ink", "surface"), ("ink", "canvas"), ("ink", "brand-50"), ("ink", "sunk"), ("ink-2", "surface"),
    ("ink-2", "canvas"), ("ink-2", "brand-50"), ("ink-2", "segment"), ("ink-2", "neutral-bg"), ("ink-2", "sunk"),
    ("ink-3", "surface"), ("ink-3", "canvas"), ("ink-3", "brand-50"), ("ink-3", "sunk"), ("ink-3", "neutral-bg"),
    ("brand-600", "surface"), ("brand-600", "canvas"), ("brand-700", "brand-50"), ("brand-700", "brand-100"),
    ("brand-700", "surface"), ("on-brand", "brand-600"), ("on-brand", "brand-700"), ("on-amber", "amber-fill"),
    ("green-text", "green-bg"), ("violet-text", "violet-bg"), ("indigo-text", "indigo-bg"),
    ("coral-text", "coral-bg"), ("amber-text", "amber-bg"), ("coral-text", "surface"), ("coral-text", "brand-50"),
    ("green-text", "surface"), ("amber-text", "surface"), ("on-toast", "toast"),
]  # fmt: skip
CONTROLS = [("control", "surface"), ("brand-600", "surface"), ("brand-600", "brand-50"), ("coral", "surface")]


def colours(selector: str) -> dict[str, str]:
    block = CSS[CSS.index(selector) :]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[: block.index("\n}")]))


LIGHT = colours(":root {")
MOODS = {"light": LIGHT, "dark": {**LIGHT, **colours(':root[data-theme="dark"] {')}}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#0b6b86", "#ffffff") == pytest.approx(6.1, abs=0.1)


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_is_readable(mood: str, text: str, ground: str) -> None:
    assert contrast(MOODS[mood][text], MOODS[mood][ground]) >= FLOOR


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize(("line", "ground"), CONTROLS)
def test_controls_can_be_seen(mood: str, line: str, ground: str) -> None:
    assert contrast(MOODS[mood][line], MOODS[mood][ground]) >= CONTROL_FLOOR


@pytest.mark.parametrize("ground", ["#0b6b86", "#a0521a", "#5b3fb5", "#17734a", "#2e4fb8", "#8f2f5e"])
def test_avatars_are_readable(ground: str) -> None:
    blocks = (Path(__file__).resolve().parents[1] / "static" / "ui" / "css" / "blocks.css").read_text(encoding="utf-8")
    assert ground in blocks
    assert contrast("#ffffff", ground) >= FLOOR


@pytest.mark.parametrize("ground", ["#0d6c88", "#0b6b86", "#07546a", "#063d4d", "#05303d"])
def test_text_on_the_deep_panel(ground: str) -> None:
    """Each stop of the gradients behind white and pale text, which axe cannot judge."""
    assert contrast("#ffffff", ground) >= FLOOR
    assert contrast("#d9edf2", ground) >= FLOOR
