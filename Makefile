.DEFAULT_GOAL := help
PYTHON ?= python3
RUN := .venv/bin/python -m

help:            ## what there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

install:         ## the virtual environment, from the lock
	@PYTHON="$(PYTHON)" sh scripts/bootstrap.sh

demo: install    ## real takings all the way into stand-ins of both books; run it twice
	@.venv/bin/connector demo

test: install    ## every test
	@$(RUN) pytest -n auto --dist worksteal

lint: install    ## style, types, and the contracts of the house
	@$(RUN) ruff check .
	@$(RUN) ruff format --check .
	@$(RUN) mypy
	@.venv/bin/lint-imports --no-cache

check: lint test ## what must be green before a commit: lint and every test

stories: install ## rewrite the expected journals of the stories; read the difference
	@REWRITE_STORIES=1 $(RUN) pytest tests/stories -k journal

bench: install   ## speed as a ratio against a plain loop in the same run
	@.venv/bin/python -m bench

SEEDS ?= 2000
chaos: install   ## the swarm of faults: make chaos SEEDS=2000; a death at every fault point; processes killed
	@$(RUN) tests.chaos.swarm --seeds $(SEEDS)
	@CHAOS=all $(RUN) pytest -n 2 tests/chaos/test_exhaustive.py tests/sync/test_crash.py
	@$(RUN) tests.chaos.killed --seeds 3

EXAMPLES ?= 5000
explore: install ## new examples for the properties: make explore EXAMPLES=5000
	@EXPLORE=$(EXAMPLES) $(RUN) pytest -n auto tests/domain tests/mapping tests/reconcile tests/sources

lock: install    ## write requirements.lock anew from pyproject.toml
	@UV_PYTHON_DOWNLOADS=never .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	  -p .venv/bin/python pyproject.toml --group dev -o requirements.lock

.PHONY: help install demo test lint check stories bench chaos explore lock
