# No setup is needed: `make demo` and `make test` create the environment that they use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest

.DEFAULT_GOAL := help
.PHONY: help demo quick test test-parallel test-oldest torture bench docs-check site dist check format clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' || \
		{ echo "featevo needs Python 3.10 to 3.13; name one with: make PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/.installed $@

# torch-lucent asks for kornia 0.4 and torch-dreams for MKL, which the calls measured do not use.
$(VENV)/.installed-bench: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[bench]'
	$(BIN)/pip install --quiet --constraint constraints.txt --no-deps torch-lucent torch-dreams
	@touch $(VENV)/.installed $@

# These versions exist for Python 3.10 to 3.12.
$(OLDEST)/.installed: pyproject.toml constraints-oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/pip install --quiet --constraint constraints-oldest.txt --editable '.[dev]'
	@touch $@

demo: $(VENV)/.installed  ## Train on drawn scenes and render the features (no account, no network, minutes)
	$(BIN)/python -m featevo.train

quick: $(VENV)/.installed-dev  ## Run the fast tests: no other process, no browser, no whole run
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m "not heavy and not documented and not parallel"

test: $(VENV)/.installed-dev  ## Run all tests, except those of the next three
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist worksteal

test-parallel: $(VENV)/.installed-dev  ## Run the tests of sweeps, several devices, many runs and benchmarks (minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -m parallel

torture: $(VENV)/.installed-dev  ## Kill 60 runs at random moments and resume them (half an hour; writes docs/torture.json)
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.torture

docs-check: $(VENV)/.installed-dev  ## Run every command in README, docs, conf and sweeps (minutes)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/documented -m documented -n 2 --dist worksteal

test-oldest: $(OLDEST)/.installed  ## Run the fast tests with the oldest versions that pyproject.toml allows
	OMP_NUM_THREADS=1 $(OLDEST)/bin/python -m pytest -n 2 --dist worksteal -m "not heavy and not documented and not parallel"

site: $(VENV)/.installed-dev  ## Build the documentation into site/ (to read it: python -m http.server -d site)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

dist: $(VENV)/.installed-dev  ## Build the sdist and the wheel into dist/
	$(BIN)/python -m build --no-isolation

bench: $(VENV)/.installed-bench  ## Measure the speed beside other packages, of long records and of a run (half an hour; into docs/)
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.speed
	OMP_NUM_THREADS=1 $(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/default_run.py

check: $(VENV)/.installed-dev  ## Lint, formatting, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed-dev  ## Fix lint errors and format the code with ruff
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the environment and caches (keeps the runs in outputs/)
	rm -rf $(VENV) $(OLDEST) build dist site .mypy_cache .pytest_cache .ruff_cache
	find featevo tests -name __pycache__ -type d -prune -exec rm -rf {} +
