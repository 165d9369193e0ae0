import json
import logging
import sys

from lingqu.config.logs import REQUEST_ID, JsonLines


def record(message: str, *arguments: object, name: str = "lingqu.request", **extra: object) -> logging.LogRecord:
    made = logging.LogRecord(name, logging.INFO, __file__, 1, message, arguments, None)
    made.__dict__.update(extra)
    return made


def test_a_line_is_one_json_object_with_the_request_id() -> None:
    token = REQUEST_ID.set("r-1")
    try:
        line = JsonLines().format(record("answered", method="GET", route="/people/<number>", status=200))
    finally:
        REQUEST_ID.reset(token)
    told = json.loads(line)
    assert told["request_id"] == "r-1"
    assert (told["message"], told["route"], told["status"]) == ("answered", "/people/<number>", 200)


def test_exception_text_stays_out() -> None:
    try:
        int("张三")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    line = JsonLines().format(made)
    assert "张三" not in line
    assert json.loads(line)["error"]["type"] == "builtins.ValueError"
    assert "张三" in JsonLines(show_values=True).format(made)


def test_arguments_of_foreign_loggers_stay_out() -> None:
    line = JsonLines().format(record("Not Found: %s", "/people/张三", name="django.request"))
    assert json.loads(line)["message"] == "Not Found: %s"
