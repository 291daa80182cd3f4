# make demo    see it work, on mail servers that live in its own process; nothing leaves the machine
# make test    everything that is tested
# make setup   only the virtual environment with the command `helpdesk` in it
# make check   what CI runs: format, lint, types, tests with coverage
# make bench   how fast it is, beside two bare loops in the same run
# make lock    after a change of dependencies: the locked requirements anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: setup dev system demo test check lint types format bench lock clean
.DEFAULT_GOAL := demo

setup: $(VENV)/.setup
dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Name it: make setup PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }

# The lock names everything, so nothing is resolved anew: pip would look at the newest release of what is asked for with an
# extra, and refuse it for its hash, from the day on which one comes out.
$(VENV)/.setup: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) --no-deps --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.setup
	$(PIP) --no-deps --require-hashes -r requirements-dev.txt
	@touch $@

# Dovecot and PostgreSQL are the real servers that the tests run against, on ports and data of their own. They are installed where
# that is allowed, and only then; the cluster that Debian makes with PostgreSQL is not used.
system:
	@if command -v dovecot >/dev/null && command -v openssl >/dev/null && ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    dovecot-imapd openssl postgresql >/dev/null; \
	else \
	  echo "*** Dovecot or PostgreSQL is not installed: the tests that need a real server of theirs are skipped."; \
	  echo "*** To run them: sudo apt-get install --no-install-recommends dovecot-imapd openssl postgresql"; \
	fi

demo: setup
	$(BIN)/helpdesk demo

# Most tests wait for a server most of the time, so there is room for one process more than there are processors; each starts
# servers of its own. One after the other: make test TESTERS=0
TESTERS ?= $(shell echo $$(( $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 1 )))
PYTEST := $(BIN)/python -m pytest -n $(TESTERS) --maxprocesses 8 --dist worksteal

test: dev system
	$(PYTEST)

check: dev system lint types
	$(PYTEST) --cov --cov-report=term-missing:skip-covered --cov-fail-under=95
	$(BIN)/python -m coverage report --include='helpdesk/core/*' --fail-under=100

lint: dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: dev
	$(BIN)/mypy

format: dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: dev system
	$(BIN)/python -m tests.bench

# No registry's address is written into the files, so that they work with any mirror.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "make lock" --quiet
lock:
	$(LOCK) --extra build --extra demo --extra postgresql -o requirements.txt
	$(LOCK) --all-extras -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
