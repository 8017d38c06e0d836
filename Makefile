# What a newcomer types: make run. Everything else is for developers and for CI.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do command -v $$p && break; done)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE =

.PHONY: run setup test check bench chaos lock clean

run: setup
	@./ankang run

setup: .venv/ready

.venv/ready: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit("Ankang needs Python 3.11 or newer") if sys.version_info < (3, 11) else None'
	@echo "Setting up .venv (a few minutes, once) …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet torch==2.13.0
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@touch $@

test: setup
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@sh scripts/audit.sh $(BIN)

bench: setup
	@$(BIN)/python -m bench

chaos: setup
	@$(BIN)/python -m bench.chaos

lock:
	@sh scripts/lock.sh $(BIN)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
