# Everything runs in .venv, which `make` creates from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := -m pip install --quiet --disable-pip-version-check
COMPILE := $(BIN)/uv pip compile setup.cfg --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock"
# Where it is set, each worker of each run of the tests compiles all of them again, for 10 s of a core.
export PYTHONDONTWRITEBYTECODE :=
PYTEST := -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Without Node the browser's code is not checked: said loudly on a developer's machine, an error where CI=true.
WITHOUT_NODE := { printf '\n!!! NODE IS MISSING: THE BROWSER CODE HAS NOT BEEN CHECKED (install Node 18.18 or newer and npm)\n\n'; \
	test "$$CI" != true; }

.PHONY: help run test nightly coverage lint lint-client format hooks lock newest oldest audit sbom bench soak chaos protocol widget clean

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: $(VENV)/.runtime ## serve the demo on http://localhost:8888, with SQLite in var/
	$(BIN)/python run.py demo-data
	$(BIN)/python run.py serve --sandbox

test: $(VENV)/.test ## run all tests
	$(BIN)/python $(PYTEST)

nightly: $(VENV)/.test ## run the random tests with many more cases, for an hour or more
	WORKING_TIME_CASES=1000000 BOARD_ACTIONS=50000 $(BIN)/python $(PYTEST) \
		tests/domain/service_levels/test_calendar.py tests/test_board_actions.py

coverage: $(VENV)/.test ## measure which branches the tests run, without those in a browser
	mkdir -p var/coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST) --ignore tests/browser
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(VENV)/.lint ## check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.widget_size
	$(BIN)/djlint templates --lint --quiet
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-client; else $(WITHOUT_NODE); fi

lint-client: node_modules/.package-lock.json ## check types and style of the browser's code; part of lint, needs Node
	node_modules/.bin/tsc
	node_modules/.bin/eslint .
	node_modules/.bin/stylelint "static/**/*.css"

format: $(VENV)/.lint ## format the Python code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hooks: $(VENV)/.lint ## run the linters on what is committed, before each commit
	$(BIN)/pre-commit install

lock: $(VENV)/.lint ## renew the lock files within the bounds of setup.cfg
	$(COMPILE) --extra test --extra lint --output-file requirements/lint.lock
	$(COMPILE) --extra test --constraints requirements/lint.lock --output-file requirements/test.lock
	$(COMPILE) --constraints requirements/lint.lock --output-file requirements/runtime.lock
	$(COMPILE) --extra audit --constraints requirements/lint.lock --output-file requirements/audit.lock

newest: ## run the tests with the newest release of everything
	rm -rf .venv-newest && $(PYTHON) -m venv .venv-newest
	$(PYTHON) requirements/unbounded.py > .venv-newest/requirements.txt
	.venv-newest/bin/python $(INSTALL) --upgrade --requirement .venv-newest/requirements.txt
	.venv-newest/bin/python $(PYTEST)

oldest: $(VENV)/.lint ## run the tests with the lower bounds of setup.cfg
	rm -rf .venv-oldest && $(PYTHON) -m venv .venv-oldest
	$(BIN)/uv pip install --quiet --python .venv-oldest --resolution lowest-direct --requirements setup.cfg --extra test
	.venv-oldest/bin/python $(PYTEST)

audit: $(VENV)/.audit ## look for known vulnerabilities in what is locked
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements/runtime.lock

sbom: $(VENV)/.audit ## print what the product is made of into var/sbom.json (CycloneDX)
	mkdir -p var
	$(BIN)/cyclonedx-py requirements requirements/runtime.lock --output-file var/sbom.json

bench: $(VENV)/.test ## print the figures of the README
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.booking
	$(BIN)/python -m tests.benchmarks.account_timing
	$(BIN)/python -m tests.benchmarks.payments
	$(BIN)/python -m tests.benchmarks.widget
	$(BIN)/python -m tests.benchmarks.desk
	$(BIN)/python -m tests.benchmarks.search
	$(BIN)/python -m tests.benchmarks.reports
	$(BIN)/python -m tests.benchmarks.board
	$(BIN)/python -m tests.benchmarks.held_connections
	$(BIN)/python -m tests.benchmarks.bus
	$(BIN)/python -m tests.benchmarks.workers
	$(BIN)/python -m tests.benchmarks.connections

soak: $(VENV)/.test ## send 10,000 messages over connections that are cut at random
	$(BIN)/python -m tests.benchmarks.soak

chaos: $(VENV)/.test ## end and stop processes, database and bus for 3 minutes while people work; OPTIONS="--hours 8"
	$(BIN)/python -m tests.benchmarks.chaos $(OPTIONS)

protocol: $(VENV)/.runtime ## print the protocol's manual, schema and constants
	$(BIN)/python run.py protocol

widget: node_modules/.package-lock.json ## bundle the widget into static/dist; needs Node, as `make run` does not
	node tools/build-widget.js

clean: ## delete the environments and the demo's data
	rm -rf $(VENV) .venv-newest .venv-oldest var

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

node_modules/.package-lock.json: package-lock.json
	npm ci --ignore-scripts
	touch $@

# `make test` installs what `make run` needs too: each lock file contains the smaller ones.
$(VENV)/.%: requirements/%.lock | $(VENV)/bin/python
	$(BIN)/python $(INSTALL) --require-hashes --requirement $<
	touch $@
