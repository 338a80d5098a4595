# Every target works from a fresh clone: it makes the environment that it needs first.
# Several make jobs at once would only fight for one stack.
.NOTPARALLEL:
.DEFAULT_GOAL := help
# Compiled Python belongs into the ignored folder, whatever the caller wants of their own.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.fondation/pycache
export PYTHONDONTWRITEBYTECODE :=

PYTHON := .fondation/venv/bin/python
FONDATION := bin/fondation
# Three files at a time: two cores stay busy while tests wait. One of the processes deploys the shared stack.
TEST_OPTIONS := --numprocesses=3 --dist=loadfile --no-loadscope-reorder

.PHONY: help up down prepare purge test lint bench lock

help: ## Show what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r target text; do \
		printf '  make %-8s %s\n' "$$target" "$$text"; done

up: ## Deploy the dev stack and make a first course; prints the address to open
	@$(FONDATION) up

down: ## Remove what `make up` deployed, and nothing else
	@$(FONDATION) down

prepare: ## Only prepare the machine: engine, Docker, OS base, wheels, npm files, keys
	@$(FONDATION) prepare

purge: ## After `make down`: also remove the project's images and caches
	@$(FONDATION) purge

test: lint ## Run every test
	@$(FONDATION) prepare
	CI=true $(PYTHON) -m pytest $(TEST_OPTIONS)

lint: ## Check style and types
	@bin/bootstrap tests
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy .

bench: ## Measure the project's figures on this machine
	@bin/bootstrap tests
	@$(FONDATION) prepare
	$(PYTHON) -m bench

lock: ## Write requirements/*.txt anew from pyproject.toml
	@bin/bootstrap program
	@bin/lock
