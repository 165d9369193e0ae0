"""Server settings by the machine's memory. Commits are always durable; the sizes follow what a modest server holds."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

MB = 1024 * 1024
ACCESS = "local all all trust\nlocal replication postgres trust\n"
"""Trust is safe here: the only way in is a socket in a folder that nobody but the server's user can enter."""


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def settings_for(*, memory: int, free_disk: int, sockets: Path) -> dict[str, str]:
    """Settings for ``memory`` bytes of RAM and ``free_disk`` bytes where the data lie.

    The server shares the machine with the web and job processes, hence an eighth of the memory for its buffers. WAL
    stays uncompressed: compression cost more than it saved on bulk loads. What an archive has not taken yet is kept up
    to a fifth of the free disk, so that a broken archive never stops the platform. Statements are never logged, and messages
    are terse, because both would put personal data into the log.
    """
    eighth = memory // 8 // MB
    return {
        "listen_addresses": "''",
        "unix_socket_directories": f"'{sockets}'",
        "max_connections": "120",
        "shared_buffers": f"{_between(64, eighth, 4096)}MB",
        "effective_cache_size": f"{max(128, memory // 2 // MB)}MB",
        "maintenance_work_mem": f"{_between(32, memory // 32 // MB, 512)}MB",
        "work_mem": f"{_between(4, memory // 768 // MB, 32)}MB",
        "max_wal_size": f"{_between(512, free_disk // 20 // MB, 8192)}MB",
        "min_wal_size": "128MB",
        "wal_compression": "off",
        "wal_level": "replica",
        "max_slot_wal_keep_size": f"{_between(1024, free_disk // 5 // MB, 65536)}MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "64",
        "jit": "off",
        "synchronous_commit": "on",
        "autovacuum_vacuum_insert_scale_factor": "0.1",
        "autovacuum_analyze_scale_factor": "0.05",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_destination": "'stderr'",
        "logging_collector": "off",
        "log_line_prefix": "'%m [%p] %a '",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_statement": "'none'",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_lock_waits": "off",
        "password_encryption": "'scram-sha-256'",
    }


def usable_memory() -> int:
    """Bytes of RAM this process may use: the machine's, or less where a container sets a limit."""
    total = psutil.virtual_memory().total
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        limit = Path("/sys/fs/cgroup") / name
        text = limit.read_text().strip() if limit.is_file() else ""
        if text.isdigit():
            total = min(total, int(text))
    return total


def write_settings(data: Path, sockets: Path, changes: Mapping[str, str]) -> Path:
    """Write ``lingqu.conf``, which the server's own file includes, and who may come in, into the data folder."""
    chosen = settings_for(memory=usable_memory(), free_disk=shutil.disk_usage(data).free, sockets=sockets)
    chosen.update(changes)
    (data / "pg_hba.conf").write_text(ACCESS)
    path = data / "lingqu.conf"
    path.write_text("".join(f"{name} = {value}\n" for name, value in chosen.items()))
    return path
