"""An event on its way: from a transaction through the database, the event server and the front door to a browser."""

from __future__ import annotations

import http.cookiejar
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

import pytest

from .conftest import Platform

pytestmark = pytest.mark.process
PASSWORD = "Canal-of-214-BC"
ACCOUNT = f"""
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.identity import api as identity
from lingqu.foundation.registry import api as registry
from lingqu.kernel.actor import Actor
from lingqu.kernel.live import topic_for
account = identity.open_duty_account(
    actor=Actor.system("test"), login="listener", name="听众", role="operator", organisation=registry.ensure_root()
)
identity.set_password([account.id], "{PASSWORD}")
print(topic_for(account.id, "import:1"))
"""
SCHOOL = f"""
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.identity import api as identity
from lingqu.foundation.identity.models import Account
from lingqu.foundation.registry import api as registry
from lingqu.foundation.registry import testing as people
registry.prepare()
school = people.make_school()
clerk = people.make_teacher(school, "白芸")
people.make_post(school, "academic_office", a=clerk)
people.make_post(school, "school_office")
account = identity.open_account_for(clerk.id)
identity.set_password([account.id], "{PASSWORD}")
print(Account.objects.get(id=account.id).login)
"""
PUBLISH = """
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.foundation.inbox import testing as making
from lingqu.foundation.registry.models import Post
desk = Post.objects.select_related("organisation").get(kind="school_office")
making.make_notice(desk, [making.to_posts(desk.organisation, "academic_office")])
"""
TELL = """
from lingqu.config.env import use_settings
use_settings()
import django
django.setup()
from lingqu.kernel.live import tell
tell("import:1", "chunk-4")
"""


def python(platform: Platform, code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=platform.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def signed_in(platform: Platform, login: str = "listener") -> urllib.request.OpenerDirector:
    base = f"http://localhost:{platform.state['port']}"
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    page = opener.open(base + "/sign-in", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {"login": login, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    try:
        opener.open(base + "/sign-in", urllib.parse.urlencode(fields).encode(), timeout=20)
    except urllib.error.HTTPError as error:
        assert error.code == 404  # signed in; the page it leads to is not this test's business
    return opener


def test_news_reach_a_signed_in_listener_and_nobody_else(platform: Platform) -> None:
    platform.run()
    topic = python(platform, ACCOUNT)
    address = f"http://localhost:{platform.state['port']}/live/stream?" + urllib.parse.urlencode({"topic": topic})
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(address, timeout=10)
    opener = signed_in(platform)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        opener.open(address.replace("import%3A1", "import%3A2"), timeout=10)

    with opener.open(address, timeout=20) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert stream.readline() == b"retry: 3000\n"
        python(platform, TELL)
        assert [stream.readline() for _line in range(3)] == [b"\n", b"event: import:1\n", b"data: chunk-4\n"]


def test_a_notice_published_elsewhere_rings_the_bell(platform: Platform) -> None:
    """As the page does it: the bell is fetched, its topics are listened to, and after an event it is fetched again."""
    platform.run()
    opener = signed_in(platform, python(platform, SCHOOL))
    base = f"http://localhost:{platform.state['port']}"
    bell = opener.open(f"{base}/inbox/bell", timeout=20).read().decode()
    assert "没有未读" in bell
    topics = re.search(r'data-topics="([^"]+)"', bell)
    assert topics is not None
    address = f"{base}/live/stream?" + urllib.parse.urlencode([("topic", one) for one in topics[1].split()])
    with opener.open(address, timeout=20) as stream:
        assert stream.readline() == b"retry: 3000\n"
        python(platform, PUBLISH)
        lines = [stream.readline() for _line in range(3)]
    assert lines[1].startswith(b"event: inbox:post.") and lines[2].startswith(b"data: ")
    assert "共 1 件" in opener.open(f"{base}/inbox/bell?inner=1", timeout=20).read().decode()
