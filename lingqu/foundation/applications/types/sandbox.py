"""The one school of every sandbox. It stands in no register."""

from __future__ import annotations

from dataclasses import dataclass

SCHOOL = {"code": "9900000001", "name": "沙箱实验学校（演示）"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSchool:
    """A sandbox class is asked for its school as a class of the register is. ``path``: the region that keeps the vendor,
    where the trail stands; nobody holds a right on a sandbox class by it."""

    path: str
    name: str = SCHOOL["name"]
