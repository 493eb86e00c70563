"""The Node tools of development. Tests that need them are skipped without, and say so; where CI=true they fail."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MISSING_NODE_TOOLS = "Node and its tools are missing: install Node 18.18 or newer and run `npm ci`."


def require_node() -> None:
    """Skip or fail the test that calls this, unless Node is there."""
    _require(bool(shutil.which("node")))


def require_node_tools() -> None:
    """Skip or fail the test that calls this, unless Node and what `npm ci` installs are there."""
    _require(bool(shutil.which("node")) and (ROOT / "node_modules").is_dir())


def _require(is_there: bool) -> None:
    if is_there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(MISSING_NODE_TOOLS, pytrace=False)
    pytest.skip(MISSING_NODE_TOOLS)
