"""Server-sent events: a page listens to topics, the database tells which thing changed, and only ids travel.

``GET /live/stream?topic=<signed>&topic=…`` answers an event stream to the signed-in account that the topics were signed
for. Whoever writes calls ``lingqu.kernel.live.tell`` inside its transaction, so an event never runs ahead of its rows.
Events may be lost (reconnects, restarts): pages re-read rows, they never rebuild state from events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import django
import psycopg
from asgiref.sync import sync_to_async
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from lingqu.config.env import use_settings

use_settings()
django.setup()

from django.conf import settings  # noqa: E402
from django.db import close_old_connections, connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.utils.module_loading import import_string  # noqa: E402

from lingqu.kernel.access import actor_of  # noqa: E402
from lingqu.kernel.live import CHANNEL, topic_of  # noqa: E402

ActorMiddleware = import_string(next(name for name in settings.MIDDLEWARE if name.endswith(".ActorMiddleware")))
SessionStore = import_module(settings.SESSION_ENGINE).SessionStore
log = logging.getLogger(__name__)
WAITING_EVENTS = 100
KEEP_ALIVE_SECONDS = 20.0
RECHECK_EVERY = 6
"""Every so many keep-alives the session is looked up again, so that a stream ends after signing out."""
STREAMS_PER_ACCOUNT = 8
TOPICS_PER_STREAM = 40


class Hub:
    """Who listens to what. A listener too slow for its queue is cut off; its page reconnects and re-reads."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[asyncio.Queue[str | None]]] = defaultdict(set)
        self.per_account: dict[str, int] = defaultdict(int)
        self.is_listening = False

    @contextlib.contextmanager
    def listening(self, account: str, topics: tuple[str, ...]) -> Any:
        queue: asyncio.Queue[str | None] = asyncio.Queue(WAITING_EVENTS)
        self.per_account[account] += 1
        for topic in topics:
            self.listeners[topic].add(queue)
        try:
            yield queue
        finally:
            self.per_account[account] -= 1
            if not self.per_account[account]:
                del self.per_account[account]
            for topic in topics:
                self.listeners[topic].discard(queue)
                if not self.listeners[topic]:
                    del self.listeners[topic]

    def tell(self, payload: str) -> None:
        topic, _space, identifier = payload.partition(" ")
        for queue in tuple(self.listeners.get(topic, ())):
            try:
                queue.put_nowait(f"event: {topic}\ndata: {identifier}\n\n")
            except asyncio.QueueFull:
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    async def listen(self) -> None:
        """Keep one database connection on the channel; reconnect for ever."""
        pause = 0.5
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError):
                self.is_listening = False
                log.warning("event channel lost, reconnecting")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _listen_once(self) -> None:
        parameters = connection.get_connection_params()
        wanted = {key: parameters[key] for key in ("dbname", "user", "password", "host", "port") if key in parameters}
        session = await psycopg.AsyncConnection.connect(**wanted, autocommit=True, application_name="lingqu-live")
        async with session:
            await session.execute(f"LISTEN {CHANNEL}")
            self.is_listening = True
            async for notice in session.notifies():
                self.tell(notice.payload)


hub = Hub()


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@sync_to_async
def account_of(session_key: str) -> str | None:
    """The account id behind a session cookie, by the very middleware that tells the pages who acts."""
    close_old_connections()
    request = HttpRequest()
    request.COOKIES[settings.SESSION_COOKIE_NAME] = session_key
    request.session = SessionStore(session_key)
    ActorMiddleware(_answer)(request)
    account = actor_of(request).account_id
    return str(account) if account else None


async def events(session_key: str, account: str, topics: tuple[str, ...]) -> AsyncIterator[str]:
    yield "retry: 3000\n\n"
    quiet = 0
    with hub.listening(account, topics) as queue:
        while True:
            try:
                event = await asyncio.wait_for(queue.get(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                quiet += 1
                if quiet % RECHECK_EVERY == 0 and await account_of(session_key) != account:
                    return
                event = ": still here\n\n"
            if event is None:
                return
            yield event


async def stream(request: Request) -> Response:
    session_key = request.cookies.get(settings.SESSION_COOKIE_NAME, "")
    account = await account_of(session_key) if session_key else None
    if account is None:
        return JSONResponse({"code": "signed_out", "message": "", "details": {}}, status_code=401)
    signed = request.query_params.getlist("topic")[:TOPICS_PER_STREAM]
    topics = tuple({topic for value in signed if (topic := topic_of(value, account))})
    if not topics:
        return JSONResponse({"code": "forbidden", "message": "", "details": {}}, status_code=403)
    if hub.per_account.get(account, 0) >= STREAMS_PER_ACCOUNT:
        return JSONResponse({"code": "too_many", "message": "", "details": {}}, status_code=429)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(session_key, account, topics), media_type="text/event-stream", headers=headers)


async def health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


@contextlib.asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    task = asyncio.create_task(hub.listen())
    yield
    task.cancel()


application = Starlette(routes=[Route("/live/stream", stream), Route("/live/healthz", health)], lifespan=lifespan)
