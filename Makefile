# The targets people use are listed by `make help`. Tests, continuous integration and pre-commit call the same ones.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin

# A stamp carries the hash of what was installed: the same requirements are never installed twice.
hash = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' '-' | cut -d- -f1-2)
RUN_STAMP := $(VENV)/.run-$(call hash,requirements.txt)
DEV_STAMP := $(VENV)/.dev-$(call hash,requirements-dev.txt)
NPM_STAMP := node_modules/.installed-$(call hash,package.json package-lock.json)

define NEEDS_PYTHON
Escalate needs Python 3.11 or newer, with its venv module, and found none. Please install one and try again.
endef

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes

##@ To run it

.PHONY: setup
setup: $(RUN_STAMP) ## make .venv with what the bot needs
	@echo "$(VENV) is ready."

.PHONY: run
run: $(RUN_STAMP) ## start the bot with a demonstration on a local page; nothing else is needed
	@exec $(BIN)/python -m bot serve --demonstration

##@ To work on it

.PHONY: test
test: $(DEV_STAMP) npm ## run all tests; ARGS="-k words" picks some
	@$(BIN)/python -m pytest $(ARGS)

.PHONY: soak
soak: $(DEV_STAMP) npm ## the tests marked soak, with many times the inputs: a quarter of an hour or more
	@ESCALATE_SOAK=1 $(BIN)/python -m pytest -m soak $(ARGS)

.PHONY: check
check: $(DEV_STAMP) ## style, types, the directions of imports, known holes in dependencies, no registry addresses
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory addresses audit

.PHONY: format
format: $(DEV_STAMP) ## put files into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(DEV_STAMP) ## measure how fast it is, beside the machine's own disk
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: pictures
pictures: $(DEV_STAMP) npm ## draw each kind of card as Teams does, into docs/cards
	@$(BIN)/python -m tests.pictures

.PHONY: icons
icons: $(DEV_STAMP) ## draw the icons of the package for Teams, into manifest/teams
	@$(BIN)/python -m tests.icons

.PHONY: lock
lock: ## write requirements.txt and requirements-dev.txt anew from pyproject.toml
	@python="$(find_python)"; set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	"$$python" -m venv "$$tool"; "$$tool/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	compile="$$tool/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-annotate --no-header --upgrade"; \
	$$compile --output-file requirements.txt; \
	$$compile --group dev --constraint requirements.txt --output-file requirements-dev.txt

.PHONY: help
help: ## show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# Beneath the targets

find_python = $$(for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& command -v "$$name" && break; done)

make_venv = python="$(find_python)"; \
	if [ -z "$$python" ]; then echo "$(NEEDS_PYTHON)" >&2; exit 2; fi; \
	"$$python" -m venv --clear $(VENV)

$(BIN)/python:
	@$(make_venv)

# An environment left half made, or whose Python was taken away, is made again.
$(RUN_STAMP): $(BIN)/python
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { $(make_venv); }
	@echo "Installing what the bot needs into $(VENV) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@rm -f $(VENV)/.run-* && touch $@

# The development file names everything in the other one too, at the same versions.
$(DEV_STAMP): $(RUN_STAMP)
	@echo "Installing what the tests need into $(VENV) ..."
	@$(PIP_INSTALL) -r requirements-dev.txt
	@rm -f $(VENV)/.dev-* && touch $@

.PHONY: npm
npm:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NPM_STAMP); \
	else echo "npm is not installed, so the tests against Slack's stand-in, axe, Teams' renderer and schemas are left out."; fi

$(NPM_STAMP):
	@echo "Installing what the tests need into node_modules ..."
	@npm ci --silent --no-audit --no-fund
	@touch $@

.PHONY: audit
audit: $(DEV_STAMP)
	@$(BIN)/python -m tests.audit requirements.txt

.PHONY: addresses
addresses:
	@if git grep --line-number --extended-regexp --ignore-case \
	  '(pypi[.]org|pythonhosted[.]org|npmjs[.](org|com)|yarnpkg[.]com)' -- .; then \
	  echo "A file names a package registry. Please take the address out." >&2; exit 1; fi
