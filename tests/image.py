"""Carry out the Dockerfile without Docker: `python -m tests.image [FOLDER]`, with an environment of its own."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests import servers
from tests.server_process import ROOT, process_environment

DOCKERFILE = ROOT / "docs" / "deploy" / "Dockerfile"
Step = tuple[str, str]


def read_steps() -> list[Step]:
    """Return the instructions of the Dockerfile with their arguments."""
    lines = DOCKERFILE.read_text(encoding="utf-8").splitlines()
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines if line and not line.startswith("#")]


def copy_files(steps: list[Step], folder: Path) -> list[str]:
    """Copy to a folder what the image gets from the repository; return what was copied."""
    copied = []
    for name, argument in steps:
        if name != "COPY" or argument.startswith("--from"):
            continue
        source, target = argument.split()
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, folder / target)
        copied.append(source)
    return copied


def run_commands(steps: list[Step], folder: Path) -> None:
    """Run the commands that need no other user."""
    for name, argument in steps:
        if name == "RUN" and not argument.startswith("useradd"):
            print(argument)
            subprocess.run(shlex.split(argument), cwd=folder, check=True)


def serve_and_check(steps: list[Step], folder: Path, data: Path) -> None:
    """Serve as the image does, with data elsewhere, until its health check succeeds. Raises AssertionError."""
    port = servers.free_port()
    environment = process_environment(
        f"sqlite:///{data}/image.db", PORT=port, BENEFICIATE_FILES=data / "files", BENEFICIATE_ERASURES=data / "erased"
    )
    entry, command = (json.loads(_last(steps, name)) for name in ("ENTRYPOINT", "CMD"))
    check = json.loads(re.sub(r"^.* CMD ", "", _last(steps, "HEALTHCHECK")))
    data.mkdir(exist_ok=True)
    with (data / "log").open("wb") as log:
        process = subprocess.Popen([*entry, *command], cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        first = subprocess.run(check, cwd=folder, env=environment, capture_output=True)
        assert first.returncode != 0, "healthy before it serves"
        until = time.monotonic() + 90
        while subprocess.run(check, cwd=folder, env=environment, capture_output=True).returncode != 0:
            assert process.poll() is None, (data / "log").read_text()
            assert time.monotonic() < until, (data / "log").read_text()
            time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(30)


def _last(steps: list[Step], wanted: str) -> str:
    return [argument for name, argument in steps if name == wanted][-1]


def main() -> None:
    """Build and check in a folder, which is deleted unless it was given."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="beneficiate-image-"))
    steps = read_steps()
    copy_files(steps, folder / "app")
    run_commands(steps, folder / "app")
    serve_and_check(steps, folder / "app", folder / "data")
    size = sum(path.stat().st_size for path in (folder / "app").rglob("*") if path.is_file())
    print(f"serves; {size // 2**20} MB without Python")
    if len(sys.argv) == 1:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
