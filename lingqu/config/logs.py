"""Logs: one JSON object a line, with the request's id and without personal data.

Exceptions are written as type and places in the code, never with their text: the text of a database or conversion error
quotes the value that failed, which may be a name or a number of a person.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

REQUEST_ID: ContextVar[str] = ContextVar("lingqu_request_id", default="")
EXTRA_FIELDS = ("method", "route", "status", "milliseconds", "task", "job_id", "child")
ARGUMENTS_ARE_SAFE = ("lingqu.", "_granian", "uvicorn")


class JsonLines(logging.Formatter):
    """``show_values`` (developer mode) adds exception texts and the arguments of foreign loggers."""

    def __init__(self, *, show_values: bool = False) -> None:
        super().__init__()
        self.show_values = show_values

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
        }
        request = getattr(record, "request", None)
        if request_id := getattr(request, "request_id", "") or REQUEST_ID.get():
            entry["request_id"] = request_id
        entry.update({name: getattr(record, name) for name in EXTRA_FIELDS if hasattr(record, name)})
        if record.exc_info and record.exc_info[1] is not None:
            entry["error"] = self._error(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False, default=str)

    def _message(self, record: logging.LogRecord) -> str:
        if self.show_values or record.name.startswith(ARGUMENTS_ARE_SAFE):
            return record.getMessage()
        return str(record.msg)

    def _error(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        told: dict[str, Any] = {
            "type": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if state := getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None):
            told["sqlstate"] = state
        if self.show_values:
            told["text"] = str(error)
        return told


def logging_config(*, level: str, show_values: bool) -> dict[str, Any]:
    """For Django's ``LOGGING``: everything to standard error; the supervisor gives each process its file."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines, "show_values": show_values}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            "django.server": {"handlers": [], "propagate": False},
            "procrastinate": {"level": "WARNING"},
        },
    }


def server_logging() -> dict[str, Any]:
    """The same lines from the servers around our code, as the file that they take: they are quiet unless troubled."""
    loud: dict[str, Any] = {"handlers": ["lines"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "lingqu.config.logs.JsonLines"}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "loggers": {"_granian": loud, "granian.access": {"handlers": [], "propagate": False}, "uvicorn": loud},
    }
