"""A real S3 server (SeaweedFS) on this machine, with one bucket and one pair of credentials."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BUCKET, KEY_ID, SECRET = "lingqu", "test-key", "test-secret"


@dataclass(frozen=True)
class Server:
    port: int
    filer_port: int

    def url(self, prefix: str) -> str:
        return f"s3://{BUCKET}/{prefix}?endpoint=http://127.0.0.1:{self.port}"


def free_ports(count: int) -> list[int]:
    """Below 50000: each of them is also used with 10000 added, for the servers' talk among themselves. Processes that
    test side by side begin at different ones."""
    found: list[int] = []
    own = os.getpid() % 1000 * 8
    for port in (21000 + (own + step) % 8000 for step in range(8000)):
        if len(found) == count:
            break
        if all(_is_free(one) for one in (port, port + 10000)):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running_server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="lingqu-bucket-"))
    master, volume, filer, s3 = free_ports(4)
    identity = {"name": "lingqu", "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"]}  # fmt: skip
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    program = Path(sys.executable).with_name("weed")
    command = [
        str(program), "-logtostderr=true", "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3",
        f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", f"-s3.port={s3}",
        f"-s3.config={folder / 's3.json'}", "-volume.max=20", "-master.volumeSizeLimitMB=64", "-s3.port.iceberg=0",
        "-s3.port.lance=0",
    ]  # fmt: skip
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        _make_bucket(filer, s3, process, folder / "weed.log")
        yield Server(s3, filer)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _make_bucket(filer: int, s3: int, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """A bucket is a folder of the filer, which comes with its first file."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        request = urllib.request.Request(f"http://127.0.0.1:{filer}/buckets/{BUCKET}/ready", data=b"1", method="PUT")
        try:
            urllib.request.urlopen(request, timeout=5).close()
            socket.create_connection(("127.0.0.1", s3), timeout=5).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise AssertionError(log.read_text()[-3000:])
