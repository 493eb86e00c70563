"""Beneficiate's command line: `python run.py` serves, `python run.py --help` says what else it does."""

from beneficiate.cli.main import main

if __name__ == "__main__":
    main()
