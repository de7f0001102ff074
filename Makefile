# Guanxi: every command that a person types. `make help` lists them.

PYTHON ?= python3
UV ?= uv
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
INSTALL := $(PIP) install --root-user-action=ignore --no-deps --no-compile
COMPILED := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib >$(VENV)/compiled.log || true
LOCKED := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
          --no-header --no-emit-index-url --no-emit-find-links --group build

.DEFAULT_GOAL := help
.PHONY: help run setup test check fix bench bench-nlp migrate migration lock

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.runtime ## install what is missing and serve on http://127.0.0.1:8080 (ARGS="--role web" and so on)
	@$(BIN)/guanxi run $(ARGS)

setup: $(VENV)/.development ## install what developing needs

test: $(VENV)/.development ## run every test, on SQLite, on PostgreSQL and in Chromium (ARGS="tests/desk -x" and so on)
	@$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.development ## format, lint, types, import contracts, limits, Dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python tests/structure/limits.py
	$(BIN)/hadolint Dockerfile

fix: $(VENV)/.development ## format, and repair what the linter can
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: $(VENV)/.development ## measure the pipeline beside an echo bot and a raw inbox
	@$(BIN)/python -m benchmarks $(ARGS)

bench-nlp: $(VENV)/.benching ## measure the tagger beside others (ARGS="--final --write")
	@$(BIN)/python -m benchmarks.nlp $(ARGS)

migrate: $(VENV)/.runtime ## bring the database to the newest schema
	@$(BIN)/guanxi migrate

migration: $(VENV)/.development ## draft the next step of the schema from store/tables (NAME="what changes")
	@$(BIN)/python -m store.migrations "$(NAME)"

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@command -v $(UV) >/dev/null || { echo "Locking needs uv: pip install uv, or name it with make lock UV=/path/to/uv."; exit 1; }
	$(LOCKED) --output-file requirements.lock
	$(LOCKED) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(LOCKED) --no-config --extra train-tools --constraints requirements.lock --output-file requirements-train.lock
	$(LOCKED) --group dev --group bench --constraints requirements-dev.lock --output-file requirements-bench.lock

# The stamps say what is installed, so that a second start installs nothing. A lock is complete, so pip resolves nothing;
# the new pip, from the lock as well, is five times faster at it than the one that comes with Python 3.11.
$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Guanxi needs Python 3.11 or newer: install it (Debian: apt-get install python3 python3-venv), or name one with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Guanxi needs Python 3.11 or newer, this is $$($(PYTHON) --version): install a newer one and name it with PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot make a virtual environment: install its venv part (Debian: apt-get install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@sed -n '/^pip==/,/# via/p' requirements.lock > $(VENV)/pip.lock
	@$(INSTALL) --require-hashes --requirement $(VENV)/pip.lock
	@touch $@

$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.created
	@echo "Installing Guanxi into $(VENV): once, it takes about a minute."
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-build-isolation --editable .
	@$(COMPILED)
	@touch $@

# The development lock holds the runtime's with the same versions, so one installation serves both.
$(VENV)/.development: requirements-dev.lock requirements.lock pyproject.toml $(VENV)/.created
	@echo "Installing Guanxi and its development tools into $(VENV): once, it takes about a minute."
	@$(INSTALL) --require-hashes --requirement requirements-dev.lock
	@$(INSTALL) --no-build-isolation --editable .
	@$(COMPILED)
	@touch $(VENV)/.runtime $@

$(VENV)/.benching: requirements-bench.lock $(VENV)/.development
	@$(INSTALL) --require-hashes --requirement requirements-bench.lock
	@touch $@
