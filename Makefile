# The tasks of the project. A fresh machine needs two of them: `make run`, and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup run demo check format test test-quick test-all bench bench-stories bench-politeness profile docs lock clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

# One environment, two stamps: what the daemon needs, and what tests and checks need besides.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.x make ...)"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "On Debian: apt install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

setup: $(VENV)/run.stamp  ## the environment alone; .venv/bin/aggregator exists after it

run: $(VENV)/run.stamp  ## start the daemon on config/ and data/
	$(BIN)/aggregator run

demo: $(VENV)/run.stamp  ## the whole product on sample news, without a network
	$(BIN)/aggregator demo

check: $(VENV)/dev.stamp  ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -nE '://|^-' requirements.lock requirements-dev.lock || { echo "a lock file names an address"; exit 1; }

format: $(VENV)/dev.stamp  ## let the formatter and the linter mend what they can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(VENV)/dev.stamp  ## the test-suite
	$(PYTEST) -n auto -m "not slow"

# A third of its time tests wait for each other's spacing: one worker more than there are cores.
test-quick: $(VENV)/dev.stamp  ## the tests to run all day: without whole processes and browsers
	$(PYTEST) -n $$(($$(nproc) + 1)) -m "not slow" --ignore=tests/flows --ignore=tests/browser --ignore=tests/benchmarks

# What decides is tested in every branch; the rest by nine lines in ten.
DECIDERS := aggregator/identify/*,aggregator/tag/*,aggregator/cluster/*,aggregator/schedule/*

test-all: $(VENV)/dev.stamp  ## the slow tests and new random examples too, and how much of the code they reach
	rm -f .coverage .coverage.*
	$(PYTEST) -n auto --hypothesis-profile=exploring --cov --cov-report=
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --fail-under=100 --include='$(DECIDERS)'

bench: $(VENV)/dev.stamp  ## what polling costs, beside other programs in the same run
	$(BIN)/python -m benchmarks.polling
	$(BIN)/python -m benchmarks.understanding

bench-stories: $(VENV)/dev.stamp  ## how well stories are recognised, beside other methods
	$(BIN)/python -m benchmarks.stories

bench-politeness: $(VENV)/dev.stamp  ## thirty days of a thousand feeds in minutes, beside other schedules
	$(BIN)/python -m benchmarks.politeness

profile: $(VENV)/dev.stamp  ## where the time of one round goes
	$(BIN)/python -m benchmarks.profile

docs: $(VENV)/dev.stamp  ## the documentation as pages, in docs/_build
	$(BIN)/sphinx-build -q -n -W -b html docs docs/_build

lock:  ## write the lock files anew (needs uv on PATH)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra dev --extra fulltext -o requirements-dev.lock

clean:  ## remove the environment and caches; data/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*
