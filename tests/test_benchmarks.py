"""The benchmarks are no tests; that each can still be imported is one."""

import importlib
import pkgutil

import pytest

from tests import benchmarks

MODULES = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__"]


@pytest.mark.parametrize("name", MODULES)
def test_each_benchmark_finds_what_it_imports(name):
    assert importlib.import_module(f"tests.benchmarks.{name}").__doc__
