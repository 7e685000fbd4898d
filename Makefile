# On a fresh machine this needs Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: check verify test lint format mutate crosshair docs clean

check: .venv/installed  ## the main job: prove, fuzz, explore, and replay the worked examples
	$(BIN)/clearspec check

verify: .venv/installed  ## after check: ask the solvers again, of a sample of what it has kept, without the model
	$(BIN)/clearspec prove --verify .clearspec/obligations --sample 200

test: .venv/installed  ## all tests
	$(BIN)/python -m pytest -n 2

lint: .venv/installed  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

mutate: .venv/installed  ## break the rules on purpose; each mutant must be noticed or proved equivalent
	$(BIN)/clearspec mutate --sample 20 --json .clearspec/mutants-sample.json

crosshair: .venv/installed  ## CrossHair against every law, 20 seconds of the processor each
	CROSSHAIR_SECONDS=20 $(BIN)/python -m pytest -n 2 tests/crosshair

docs: .venv/installed  ## write the generated pages anew
	$(BIN)/clearspec catalogue

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "clearspec needs Python 3.11 or newer; say which with PYTHON=...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch .venv/installed

clean:
	rm -rf .venv .clearspec
