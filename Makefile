# One command runs the whole system: make up. Everything it makes lies in .venv and .tandem.
.DEFAULT_GOAL := help
.PHONY: help free-ports up down status logs reset demo test lint bench fuzz vendors protos setup locks run-env dev-env installed
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh
BIN := .venv/bin
LOCAL := $(BIN)/python -m deploy.local
# The launcher, the tests and what they start would else compile all their modules anew each time.
unexport PYTHONDONTWRITEBYTECODE

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

up: free-ports run-env ## start the whole system and wait until it is ready
	@$(LOCAL) up

down: installed ## stop it; all data stays
	@$(LOCAL) down

status: installed ## show every process: health, restarts, memory
	@$(LOCAL) status || test $$? -eq 3

logs: installed ## show the last log lines; NAME=goals for one process, FOLLOW=1 to go on, RAW=1 as they are in the files
	@$(LOCAL) logs $(NAME) $(if $(FOLLOW),--follow) $(if $(RAW),--raw)

reset: installed ## remove all data, keys and logs; asks first, YES=1 does not
	@$(LOCAL) reset $(if $(YES),--yes)

demo: run-env ## walk through the running system as a member would
	@$(BIN)/python -m deploy.local.demo

test: dev-env ## run all tests; T=tests/unit for some
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -q -rs $(or $(T),tests)

lint: dev-env ## check style, types, imports and protos
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@protos/lint.sh

bench: dev-env ## measure against a plain design, side by side; ARGS="--json figures.json"
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: dev-env ## call every address as its description says and as it does not; ARGS="--examples 100"
	@$(BIN)/python -m tests.fuzz $(ARGS)

vendors: dev-env ## serve stand-ins of the models' vendors, to try the coach with a model and without a key
	@$(BIN)/python -m tests.vendors

protos: dev-env ## regenerate protos/gen
	@$(BIN)/python protos/generate.py

setup: dev-env ## install what tests and development need

COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11
locks: dev-env ## pin the newest allowed versions anew
	@$(COMPILE) --upgrade --custom-compile-command "make locks" --extra all -o requirements.lock pyproject.toml
	@$(COMPILE) --upgrade --custom-compile-command "make locks" --extra all --extra dev \
		-c requirements.lock -o requirements-dev.lock pyproject.toml
	@echo pip | $(COMPILE) --upgrade --custom-compile-command "make locks" -o deploy/local/pip.lock -

free-ports:
	@deploy/local/ports.sh

run-env:
	@deploy/local/install.sh requirements.lock

dev-env:
	@deploy/local/install.sh requirements-dev.lock

installed:
	@test -x $(BIN)/python || { echo "Nothing is installed yet; start with make up."; exit 1; }
