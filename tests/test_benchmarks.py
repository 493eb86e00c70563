"""The benchmarks are no tests; that each can still be imported is one."""

import importlib
import pkgutil

import pytest

from tests import benchmarks
from tests.benchmarks.__main__ import main

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_each_benchmark_finds_what_it_imports(name):
    assert importlib.import_module(f"tests.benchmarks.{name}").__doc__


@pytest.mark.parametrize("word", ["--help", "mysql"])
def test_word_that_is_no_benchmark_measures_nothing(word):
    with pytest.raises(SystemExit, match=r"sqlite\|postgresql"):
        main(["sqlite", word])
