# One-word habits. Everything runs in .venv, which `make` makes by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench soak protocol clean

run: $(VENV)/.installed
	$(BIN)/python run.py demo-data
	$(BIN)/python run.py serve --sandbox

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.widget_size

bench: $(VENV)/.installed-test
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.booking
	$(BIN)/python -m tests.benchmarks.payments
	$(BIN)/python -m tests.benchmarks.widget
	$(BIN)/python -m tests.benchmarks.desk

soak: $(VENV)/.installed-test
	$(BIN)/python -m tests.benchmarks.soak

protocol: $(VENV)/.installed
	$(BIN)/python run.py protocol

clean:
	rm -rf $(VENV) var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/bin/python setup.cfg pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .[test,lint]
	touch $@ $(VENV)/.installed
