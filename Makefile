# Every target works from a fresh clone: it makes the environment that it needs first.
# Several make jobs at once would only fight for one stack.
.NOTPARALLEL:
.DEFAULT_GOAL := help
# Compiled Python belongs into the ignored folder, whatever the caller wants of their own.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.fondation/pycache
export PYTHONDONTWRITEBYTECODE :=

PYTHON := .fondation/venv/bin/python
FONDATION := bin/fondation
# Three files at a time: two cores stay busy while tests wait, and a fourth only gets in their way. One of the processes
# deploys the shared stack.
TEST_OPTIONS := --numprocesses=3 --dist=loadfile --no-loadscope-reorder

# What to run: any arguments of pytest, such as ARGS="tests/unit/web -k language". By default everything.
ARGS :=

.PHONY: help up down prepare purge check test wheel examples lint bench lock

help: ## Show what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS='	' read -r target text; do \
		printf '  make %-8s %s\n' "$$target" "$$text"; done

up: ## Deploy the dev stack and make a first course; prints the address to open
	@$(FONDATION) up

down: ## Remove what `make up` deployed, and nothing else
	@$(FONDATION) down

prepare: ## Only prepare the machine: Pulumi, Docker, OS base, wheels, npm files, keys
	@$(FONDATION) prepare

purge: ## After `make down`: also remove the project's images and caches
	@$(FONDATION) purge

check: lint ## Check style, types and units: what to run before every commit; needs no Docker
	$(PYTHON) -m pytest --quiet --numprocesses=2 --dist=worksteal tests/unit $(ARGS)

test: lint ## Run every test, or those that ARGS="..." names; installs what they use
	@$(FONDATION) prepare pulumi docker os wheels npm keys tests
	CI=true $(PYTHON) -m pytest $(TEST_OPTIONS) $(ARGS)

wheel: ## Build the CLI as a package, into .fondation/dist; `pipx install .` installs it from the checkout
	@bin/bootstrap tests
	$(PYTHON) -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir .fondation/dist .

examples: ## Write docs/examples anew: courses of this project and of the samples in tests/samples
	@bin/bootstrap tests
	$(PYTHON) -m tests.examples

lint: ## Check style, types and declared dependencies
	@bin/bootstrap tests
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy .
	$(PYTHON) -m deptry .

bench: ## Measure the project's figures on this machine
	@bin/bootstrap tests
	@$(FONDATION) prepare
	$(PYTHON) -m bench

lock: ## Write requirements/*.txt anew from pyproject.toml
	@bin/bootstrap program
	@bin/lock
