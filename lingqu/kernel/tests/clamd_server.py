"""A scanner of ours that speaks INSTREAM as clamd(8) says, knows the EICAR test file, and takes no more than ``limit`` bytes."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of eicar.org: harmless, and every scanner has to find it."""


class Scanner(socketserver.StreamRequestHandler):
    limit = 1 << 20
    answer = b""
    """Instead of the right one."""

    def handle(self) -> None:
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while (size := struct.unpack("!I", self.rfile.read(4))[0]) > 0:
            content += self.rfile.read(size)
            if len(content) > self.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
        self.wfile.write(self.answer or found)


class UnixServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def running_scanner(path: Path | None = None, *, answer: bytes = b"") -> Iterator[str]:
    """Its address: a socket file at ``path``, else a port of 127.0.0.1."""
    handler = type("Handler", (Scanner,), {"answer": answer})
    server = UnixServer(str(path), handler) if path else TcpServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"unix://{path}" if path else f"tcp://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{one.getsockname()[1]}"
