"""Made-up values for the gallery pages. Words are about a workshop of clocks: the kit knows no domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest

from lingqu.kernel.actor import Actor
from lingqu.kernel.navigation import Navigation, Shown, ShownGroup
from lingqu.kernel.pages import Page

from . import worklist
from .looks import Shell

PARTS = ("kit", "shell", "drawer", "entrance", "print", "tables")
NAMES = ("何清", "王若琳", "苏明", "江一帆", "林若溪", "陆子昂")


def _entry(label: str, icon: str, *, badge: int = 0, current: bool = False) -> Shown:
    return Shown(label=label, url="#", url_name="", icon=icon, badge=badge, is_current=current)


SAMPLE_NAVIGATION = Navigation(
    bar=(_entry("首页", "home"), _entry("工坊", "grid", current=True)),
    rail=(
        ShownGroup(code="a", label="", entries=(_entry("概况", "grid"),)),
        ShownGroup(
            code="b",
            label="零件",
            entries=(
                _entry("齿轮", "settings", current=True),
                _entry("发条", "refresh", badge=3),
                _entry("表盘", "clock"),
            ),
        ),
        ShownGroup(code="c", label="记录", entries=(_entry("操作记录", "trail"),)),
    ),
)


class SampleShell(Shell):
    """A shell with fixed entries, so that the gallery needs no database."""

    navigation = SAMPLE_NAVIGATION
    tabs = SAMPLE_NAVIGATION.rail[1].entries
    search_url = "#"
    platform_name = "云汀钟表工坊（演示）"
    place = {
        "role": "校表师",
        "organisation": "云汀钟表工坊（演示）",
        "url": "/me/role",
        "choices": [
            {"value": "1", "role": "校表师", "organisation": "云汀钟表工坊（演示）", "current": True},
            {"value": "2", "role": "学徒", "organisation": "第二工坊（演示）", "current": False},
        ],
    }


class SampleForm(forms.Form):
    name = forms.CharField(label="名称", help_text="表背上刻的字")
    kind = forms.ChoiceField(label="种类", choices=[("wall", "挂钟"), ("desk", "座钟")])
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea)
    size = forms.ChoiceField(label="大小", choices=[("s", "小"), ("l", "大")], widget=forms.RadioSelect)
    marks = forms.MultipleChoiceField(
        label="刻度", choices=[("h", "时"), ("m", "分")], widget=forms.CheckboxSelectMultiple, required=False
    )
    loud = forms.BooleanField(label="整点报时", required=False)


@dataclass(frozen=True, slots=True)
class Clock:
    name: str
    place: str
    deviation: int
    is_right: bool


CLOCKS = tuple(Clock(name, f"第 {n} 间", n * 1234, n % 3 != 0) for n, name in enumerate(NAMES, 1))


def context(request: HttpRequest, part: str) -> dict[str, Any]:
    """What the gallery templates show; a signed-in actor except on pages for visitors."""
    bound = SampleForm({"name": "", "kind": "desk", "size": "l", "marks": ["h"], "loud": "on"})
    bound.is_valid()
    actor = Actor.anonymous() if part == "entrance" else Actor(kind="account", name=NAMES[0], role="sample")
    return {
        "actor": actor,
        "shell": SampleShell(request),
        "form": bound,
        "clocks": CLOCKS,
        "page": Page(items=CLOCKS, next="next", previous="previous", total=1000, total_is_exact=False),
        "some_day": date(2026, 11, 20),
        "back": "/ui/gallery",
        "tree": _tree(),
        "matrix_rows": _matrix(),
        "sheet_sample": _sheet(),
        "work": _work(),
    }


def _work() -> worklist.Card:
    parts = (("走准", 3, "green"), ("停摆", 1, "coral"))
    row = worklist.Row(title="东街的钟", url="#", meta="4 座", tags=(("剩 2 小时", "amber"),), parts=parts)
    return worklist.Card(title="要校的钟", tag="1 处", tone="coral", rows=(row,), more="全部", more_url="#")


def _sheet() -> dict[str, Any]:
    """A drawn sheet with an entered, a foreseen and a computed cell."""
    plain = {"across": 1, "down": 1, "bold": False, "align": "", "mark": None, "value": "", "problem": ""}
    open_one = {"is_open": True, "type": "integer", "is_number": True, "required": False, "choices": ()}
    head = {
        **plain,
        "ref": "A1",
        "key": "1!A1",
        "text": "挂钟盘点",
        "tone": "plain",
        "across": 3,
        "bold": True,
        "align": "center",
    }
    cells = (
        {**plain, "ref": "A2", "key": "1!A2", "text": "12", "tone": "figure"},
        {
            **plain,
            "ref": "B2",
            "key": "1!B2",
            "text": "",
            "tone": "fill",
            "mark": open_one,
            "value": "3",
            "name": "B2 停摆",
        },
        {**plain, "ref": "C2", "key": "1!C2", "text": "15", "tone": "formula"},
    )
    return {"columns": (("A", 96), ("B", 96), ("C", 96)), "rows": ((1, (head,)), (2, cells))}


def _tree() -> list[dict[str, Any]]:
    return [
        {
            "label": "云汀钟表工坊（演示）", "href": "#", "icon": "bureau", "count": 1070,
            "children": [
                {"label": "东街", "href": "#", "icon": "region", "count": 182, "children": [
                    {"label": "挂钟间", "href": "#", "icon": "folder", "count": 14, "current": True},
                    {"label": "一个名字很长很长很长、放不下的座钟间", "href": "#", "icon": "folder", "count": 2104},
                ]},
                {"label": "西街", "href": "#", "icon": "region", "count": 0},
            ],
        },
    ]  # fmt: skip


def _matrix() -> list[dict[str, Any]]:
    states = ("", "gap", "over", "unsaved", "chosen", "none")
    return [
        {
            "label": f"第 {row} 间",
            "note": f"管理员 {NAMES[row % len(NAMES)]}",
            "cells": [
                {
                    "text": "缺" if state == "gap" else NAMES[(row + n) % len(NAMES)],
                    "note": f"{n + 1} 次",
                    "state": state,
                }
                for n, state in enumerate(states[row % 3 :] + states[: row % 3])
            ],
        }
        for row in range(1, 6)
    ]
