# Suyuan 溯源. `make` alone lists the commands; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help demo run test check bench lock words

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 14

demo: $(VENV)/.runtime  ## set up, do the main job on the simulated bench, then serve it on 127.0.0.1:8000
	$(BIN)/lims demo $(DEMO)

run: $(VENV)/.runtime  ## serve the laboratory in ./data
	$(BIN)/lims serve

test: $(VENV)/.dev  ## set up and run the tests (SLOW=1 for the long sweeps)
	@BIN=$(BIN) sh tests/run.sh $(TESTS)

check: $(VENV)/.dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## the benchmarks, each printing ratios against a yardstick
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

lock: $(VENV)/.dev  ## resolve the dependencies again (newest that fit), with hashes and without addresses
	$(BIN)/uv pip compile pyproject.toml --extra build --upgrade --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra build --extra dev --extra scale --upgrade -c requirements.lock --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

words: $(VENV)/.dev  ## extract, update and compile the catalogues of words
	$(BIN)/python -m lims.words.build

# A stamp a lock file, so that a second run starts at once.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Suyuan needs Python 3.11 or later; call make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the locked packages (about a minute the first time) ..."
	$(PIP) -r requirements.lock
	$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked packages for development ..."
	$(PIP) -r requirements-dev.lock
	@touch $@
