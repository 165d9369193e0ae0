import asyncio
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from starlette.requests import Request

from lingqu.config.live import WAITING_EVENTS, Hub, stream
from lingqu.kernel import live


def test_event_reaches_only_listeners_of_its_topic() -> None:
    async def story() -> tuple[str | None, int]:
        hub = Hub()
        with hub.listening("a", ("import:1",)) as one, hub.listening("b", ("import:2",)) as two:
            hub.tell("import:1 chunk-4")
            return one.get_nowait(), two.qsize()

    assert asyncio.run(story()) == ("event: import:1\ndata: chunk-4\n\n", 0)


def test_slow_listener_is_cut_off_instead_of_filling_memory() -> None:
    async def story() -> list[str | None]:
        hub = Hub()
        with hub.listening("a", ("t",)) as queue:
            for number in range(WAITING_EVENTS + 1):
                hub.tell(f"t {number}")
            return [queue.get_nowait() for _ in range(queue.qsize())]

    assert asyncio.run(story()) == [None]


def test_nothing_is_kept_of_a_listener_that_left() -> None:
    async def story() -> tuple[int, int]:
        hub = Hub()
        with hub.listening("a", ("t", "u")):
            pass
        return len(hub.listeners), len(hub.per_account)

    assert asyncio.run(story()) == (0, 0)


def test_topics_are_signed_for_one_account() -> None:
    account, other = uuid4(), uuid4()
    signed = live.topic_for(account, "import:1")
    assert live.topic_of(signed, str(account)) == "import:1"
    assert live.topic_of(signed, str(other)) is None
    assert live.topic_of(signed.replace("import:1", "import:2"), str(account)) is None


@pytest.mark.django_db
def test_several_topics_are_told_in_one_statement() -> None:
    with CaptureQueriesContext(connection) as captured:
        live.tell_each(["import:1", "import:2", "import:1"], 7)
    assert len(captured) == 1


@pytest.mark.parametrize("topic", ["", "a b", "line\nbreak", "学校", "x" * 101])
def test_odd_topics_are_refused(topic: str) -> None:
    with pytest.raises(ValueError):
        live.tell(topic)


def test_stream_wants_a_signed_in_account() -> None:
    scope = {"type": "http", "method": "GET", "path": "/live/stream", "query_string": b"topic=x", "headers": []}
    assert asyncio.run(stream(Request(scope))).status_code == 401
