"""The tests of the client's pure modules, in tests/js, pass under Node."""

import subprocess

from tests.node import ROOT, require_node

TEST_FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "js").glob("*.test.js"))


def test_pure_modules_pass_their_tests_under_node():
    require_node()
    # The files by name: the versions of Node do not agree on what a folder or a pattern means.
    command = ["node", "--test", "--test-reporter=spec", *TEST_FILES]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"
