"""Print what setup.cfg needs at run time and for tests, without upper bounds: input for `make newest`."""

from configparser import ConfigParser
from pathlib import Path

# pytest-tornado is finished at 0.8.1 and imports pkg_resources, which setuptools 81 no longer has.
BOUND = ("pytest-tornado", "setuptools")


def main() -> None:
    """Print one requirement a line."""
    config = ConfigParser()
    config.read(Path(__file__).parents[1] / "setup.cfg", encoding="utf-8")
    needed = config["options"]["install_requires"] + config["options.extras_require"]["test"]
    for line in needed.strip().splitlines():
        requirement, semicolon, marker = line.partition(";")
        print((requirement if line.startswith(BOUND) else requirement.partition(",")[0]) + semicolon + marker)


if __name__ == "__main__":
    main()
