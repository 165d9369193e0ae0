"""Child processes that die with their parent, and pid files that cannot be fooled by a reused pid.

Only the standard library and psutil: the supervisor must stay small and start when Django cannot.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """The unprivileged system user that PostgreSQL runs as when the platform is started by root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class PidRecord:
    """One running process: ``started`` (seconds since the epoch) tells it from a later one."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> PidRecord:
        return cls(pid, psutil.Process(pid).create_time())

    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - self.started) < 1.5
        except psutil.NoSuchProcess:
            return False


def write_pid(path: Path, pid: int) -> PidRecord:
    record = PidRecord.of(pid)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(asdict(record)))
    fresh.replace(path)
    return record


def read_pid(path: Path, *, alive_only: bool = True) -> PidRecord | None:
    """The record in ``path`` if that very process still lives (or whatever is written there), else None."""
    try:
        stored = json.loads(path.read_text())
        record = PidRecord(int(stored["pid"]), float(stored["started"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if not alive_only or record.is_alive() else None


def _tie_to_parent(parent: int, death_signal: int) -> None:
    """Runs in the child after the uid drop (a changed uid would clear the setting again)."""
    _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str],
    user: ServiceUser | None = None,
    death_signal: int = signal.SIGTERM,
    folder: Path | None = None,
    output: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in its own session, bound to die with the calling thread.

    Both outputs are appended to ``log``; ``output`` takes standard output alone into a fresh file.
    Call it from the main thread only: the kernel sends the death signal when the *thread* that forked ends.
    """
    parent = os.getpid()
    with log.open("ab") as messages, (output or log).open("wb" if output else "ab") as results:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=results,
            stderr=messages,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=lambda: _tie_to_parent(parent, death_signal),
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )


def run_tied(command: Sequence[str | Path], *, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run ``command`` to its end; it does not outlive us. Call it from the main thread only, as :func:`spawn`."""
    parent = os.getpid()
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, env=dict(environment),
        preexec_fn=lambda: _tie_to_parent(parent, signal.SIGTERM),
    )  # fmt: skip


def members_of_session(session: int) -> list[psutil.Process]:
    """Living processes of the session that a child began, whether or not the child itself still lives."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_session(
    session: int,
    *,
    first: int = signal.SIGTERM,
    patience: float = 10.0,
    is_ours: Callable[[psutil.Process], bool] = lambda process: True,
) -> None:
    """End every process of a child's session: ``first``, then after ``patience`` seconds SIGKILL.

    ``is_ours`` is for sessions known from an old file: their number may by now belong to somebody else.
    """
    end_sessions([session], first=first, patience=patience, is_ours=is_ours)


def end_sessions(
    sessions: Sequence[int],
    *,
    first: int = signal.SIGTERM,
    patience: float = 10.0,
    is_ours: Callable[[psutil.Process], bool] = lambda process: True,
) -> None:
    """The same for several sessions at once, so that they share one wait."""
    members = [process for session in sessions for process in members_of_session(session) if is_ours(process)]
    for process in members:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(first)
    _gone, alive = psutil.wait_procs(members, timeout=patience)
    for process in alive:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)


def wait_until(condition: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Poll ``condition()`` until it is true; False when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(every)
    return condition()
