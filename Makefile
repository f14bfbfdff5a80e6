# Everything a newcomer needs: make demo, make test. Each sets up .venv by itself on a machine with Python 3.11+ and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DATA   ?= data/demo
READY  := $(VENV)/.ready
PYWB   := .venv-pywb

.PHONY: setup demo test lint faults bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo          simulated portals, a real crawl of them, and the web UI (make demo ONCE=1: no UI, a summary)"
	@echo "make test          lint, types, import contracts, tests"
	@echo "make faults        crashes, power cuts, full disks and damage at their full counts (some 30 minutes)"
	@echo "make bench         measurements, beside peers in the same run"
	@echo "make setup         only the virtual environment"

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# A real pywb for the tests of web archives, in an environment of its own: its pins differ from ours. Without it they skip.
$(PYWB)/.ready: constraints-pywb.txt
	@echo "Setting up $(PYWB) …"
	@$(PYTHON) -m venv $(PYWB)
	@$(PYWB)/bin/pip install --quiet --disable-pip-version-check --constraint constraints-pywb.txt pywb && touch $@ \
	  || echo "pywb could not be installed: the tests that need one will be skipped" >&2

demo: $(READY)
	@$(BIN)/ansinh --data $(DATA) demo $(if $(ONCE),--once)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint $(PYWB)/.ready
	$(BIN)/pytest --numprocesses 3 --dist worksteal

faults: $(READY) $(PYWB)/.ready
	ANSINH_FAULTS=full $(BIN)/pytest tests/faults tests/hostile

bench: $(READY)
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) $(PYWB) data/demo build *.egg-info
