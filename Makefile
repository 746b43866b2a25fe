# Préau. `make help` says what there is. Needs: make, bash, Python 3.11 or later. Everything else goes into .venv.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
# Where a machine says not to write it, every start of a server would compile the whole house again: hundreds of times in `make test`.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DJANGO := $(VENV)/django
DEMO :=
KILL :=
WORKERS ?= 2
STORIES ?= 500
RUNS ?= 5
LEAK :=
BENCH :=
CHROMIUM ?= chromium
NPM ?= npm
APACHE_MODULES ?= /usr/lib/apache2/modules
FUZZ_SECONDS ?= 600
TIMING :=

# Wheels only, each with its hash: nothing is built here, so nothing is downloaded that no lock names.
PIP_OPTIONS := --quiet --disable-pip-version-check --require-hashes --only-binary :all:
PIP_INSTALL := $(BIN)/python -m pip install $(PIP_OPTIONS)

.PHONY: help demo demo-clean test lint fuzz kill timing bench bench-quick bench-volume bench-beside bench-testers bench-purge containers interop wheel stories pictures translations docs lock clean needs-python needs-npm needs-apache needs-chromium

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

demo: $(VENV)/runtime.stamp ## Start the provider with a fictional school, FranceConnect's simulator and the sample ENT, until Ctrl-C (DEMO="--idp-port 9400" for options)
	@exec $(BIN)/python -m idp.cli demo $(DEMO)

demo-clean: ## Forget the demo's school, accounts and texts
	rm -rf var/demo

test: $(VENV)/dev.stamp needs-chromium lint ## Every check and every test, those of a vendor against the wheel too
	@echo "== tests"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
	@$(MAKE) --no-print-directory wheel

lint: $(VENV)/dev.stamp ## Style, types, who may import whom, unused dependencies and code
	@echo "== ruff"; $(BIN)/ruff check --quiet --output-format concise .; $(BIN)/ruff format --quiet --check .
	@echo "== mypy"; $(BIN)/mypy --no-error-summary
	@echo "== import contracts"; $(BIN)/lint-imports --no-cache > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	@echo "== dependencies"; $(BIN)/deptry . 2> $(VENV)/deptry.log || { cat $(VENV)/deptry.log; exit 1; }
	@echo "== dead code"; $(BIN)/vulture

fuzz: $(VENV)/dev.stamp ## Send any text in any order, for FUZZ_SECONDS=600, from seeds that it prints
	@$(BIN)/python -m tests.properties.campaign $(FUZZ_SECONDS)

timing: $(VENV)/dev.stamp ## Measure whether the time of an answer tells who is known (TIMING="--leak 2" builds a leak in)
	@$(BIN)/python -m bench.timing $(TIMING)

bench: $(VENV)/dev.stamp ## Measure start, memory and sign-ins, on both databases (BENCH=--write keeps the tables in docs/performance.md)
	@$(BIN)/python -m bench.start
	@$(BIN)/python -m bench.logins $(BENCH)
	@$(BIN)/python -m bench.saturation $(BENCH)

bench-quick: $(VENV)/dev.stamp ## Sign-ins with one process, in about a minute
	@$(BIN)/python -m bench.logins --quick

bench-volume: $(VENV)/dev.stamp ## A sign-in among a million persons (PostgreSQL), and imports of up to 300,000
	@$(BIN)/python -m bench.volume $(BENCH)
	@$(BIN)/python -m bench.imports $(BENCH)

bench-beside: $(VENV)/dev.stamp bench/node_provider/node_modules/.package-lock.json ## The same sign-ins at a certified provider for Node, and the ratio, in about two minutes (needs npm)
	@$(BIN)/python -m bench.beside $(BENCH)

bench-testers: $(VENV)/dev.stamp ## What a tester waits for: start, reset, activation in one call, a whole story; on both databases
	@$(BIN)/python -m bench.testers $(BENCH)

bench-purge: $(VENV)/dev.stamp ## A purge in which everything is due, of 100,000 accounts, lines and messages, on both databases; in half an hour at most (BENCH="--accounts 1000000")
	@$(BIN)/python -m bench.purge $(BENCH)

kill: $(VENV)/dev.stamp ## Kill -9 at 200 moments and at every commit of five flows, on both databases (KILL="--seed 7" for options)
	@$(BIN)/python -m tests.resilience.campaign $(KILL)

containers: $(VENV)/dev.stamp needs-chromium ## Build the image, bring docker-compose.yml up, and walk both procedures in a browser against it
	@tests/containers/run.sh

interop: $(VENV)/dev.stamp tests/interop/node_modules/.package-lock.json bench/node_provider/node_modules/.package-lock.json examples/playwright/node_modules/.package-lock.json $(DJANGO)/made.stamp needs-apache needs-chromium ## Plug in what others wrote: a provider set up as FranceConnect is, and clients of this one (needs npm and apache2-bin)
	@$(BIN)/python -m pytest -q tests/interop

wheel: $(VENV)/dev.stamp ## Build the wheel, install it by itself, and run the suite of examples/pytest against it
	@WORKERS=$(WORKERS) tests/wheel/run.sh

stories: WORKERS = 8
stories: $(VENV)/dev.stamp ## STORIES=500 tests of the fixture on WORKERS=8 workers, RUNS=5 times, and what they leave behind (LEAK=file builds a leak in)
	@$(BIN)/python -m tests.stories.campaign --stories $(STORIES) --workers $(WORKERS) --runs $(RUNS) $(addprefix --leak ,$(LEAK))

pictures: $(VENV)/dev.stamp needs-chromium ## Take the pictures of docs/pictures again
	@$(BIN)/python -m tests.browser.pictures docs/pictures

translations: $(VENV)/dev.stamp ## Write the catalogues of the pages again after a change of words: what has no translation yet stays empty in facile and en
	@$(BIN)/python -m tests.web.catalogue facile en

docs: $(VENV)/runtime.stamp ## Write the pages of docs/ that are made from the code
	@$(BIN)/python -m idp.cli config reference > $(VENV)/settings.md
	@mv $(VENV)/settings.md docs/reference/settings.md
	@$(BIN)/python -m idp.web.errors_reference > $(VENV)/errors.md
	@mv $(VENV)/errors.md docs/errors.md
	@$(BIN)/python -m idp.runtime.metrics_reference > $(VENV)/metrics.md
	@mv $(VENV)/metrics.md docs/reference/metrics.md
	@$(BIN)/python -m idp.journeys.families.reference > $(VENV)/families.md
	@mv $(VENV)/families.md docs/reference/families.md
	@$(BIN)/python -m idp.adapters.case_library.reference > $(VENV)/cases.md
	@mv $(VENV)/cases.md docs/reference/cases.md
	@$(BIN)/python -m idp.sandbox.faults_reference > $(VENV)/faults.md
	@mv $(VENV)/faults.md docs/reference/faults.md

lock: ## Write the locks of Python packages again (needs uv)
	@command -v uv > /dev/null || { echo "make lock needs uv: $(PYTHON) -m pip install uv"; exit 1; }
	$(LOCK) --all-extras pyproject.toml -o requirements.lock
	$(LOCK) --all-extras --group dev pyproject.toml -o requirements-dev.lock
	$(LOCK) tests/interop/django_site/requirements.in -o tests/interop/django_site/requirements.lock

# No URL and no host name in a lock. Extras stay in it: pip looks for the newest of `coverage[toml]` when only `coverage` is pinned.
LOCK := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --universal --python-version 3.11

clean: ## Remove .venv and what tools leave behind; var/ stays
	rm -rf $(VENV) tests/interop/node_modules bench/node_provider/node_modules examples/playwright/node_modules examples/playwright/test-results .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- the virtual environment ------------------------------------------------------------------------------------------------------------

$(VENV)/runtime.stamp: requirements.lock | $(VENV)/made.stamp
	@echo "Installing what Préau runs on (once, about a minute)…"
	@$(PIP_INSTALL) -r requirements.lock
	@touch $@

# The second lock holds all of the first, in the same versions.
$(VENV)/dev.stamp: requirements-dev.lock requirements.lock | $(VENV)/made.stamp
	@echo "Installing what Préau runs on and what tests it (once, a few minutes)…"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $(VENV)/runtime.stamp $@

# The packages are used where they are: a line in a .pth file does what an editable installation would, without a build.
$(VENV)/made.stamp: | needs-python
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -c 'import site; print(site.getsitepackages()[0])' | while read -r place; do echo "$(CURDIR)" > "$$place/preau.pth"; done
	@touch $@

tests/interop/node_modules/.package-lock.json bench/node_provider/node_modules/.package-lock.json examples/playwright/node_modules/.package-lock.json: %/node_modules/.package-lock.json: %/package-lock.json | needs-npm
	@$(NPM) ci --prefix $* --ignore-scripts --no-audit --no-fund --silent

# Django has an environment of its own: nothing of it enters the product's locks.
$(DJANGO)/made.stamp: tests/interop/django_site/requirements.lock | $(VENV)/made.stamp
	@$(PYTHON) -m venv --clear $(DJANGO)
	@$(DJANGO)/bin/python -m pip install $(PIP_OPTIONS) -r $<
	@touch $@

# --- what the machine must have ---------------------------------------------------------------------------------------------------------

# $(call apt,a shell test,the package): as root install it; otherwise say the one command, and stop.
define apt
	@$(1) || { \
	  install="apt-get update && apt-get install -y --no-install-recommends $(2)"; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing $(2)…"; \
	    log=$$(mktemp); \
	    DEBIAN_FRONTEND=noninteractive sh -c "$$install" > "$$log" 2>&1 || { tail -n 5 "$$log" >&2; echo "This failed: $$install" >&2; exit 1; }; \
	    rm -f "$$log"; \
	  else \
	    echo "$(2) is missing. Run: sudo sh -c '$$install'" >&2; exit 1; \
	  fi; }
endef

needs-python:
	@command -v $(PYTHON) > /dev/null || { echo "Préau needs Python 3.11 or later, and there is no $(PYTHON)." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Préau needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) -V). Another one: make PYTHON=python3.11 …" >&2; exit 1; }
	$(call apt,$(PYTHON) -c 'import ensurepip$(comma) venv' 2> /dev/null,python3-venv)

needs-npm:
	$(call apt,command -v $(NPM) > /dev/null,nodejs npm)

# The programs alone: no service that would start by itself.
needs-apache:
	$(call apt,test -e $(APACHE_MODULES)/mod_auth_openidc.so,apache2-bin libapache2-mod-auth-openidc)

# The driver in playwright's wheel is linked with libatomic, which a bare Debian lacks.
needs-chromium:
	$(call apt,command -v $(CHROMIUM) > /dev/null && PATH="$$PATH:/sbin" ldconfig -p | grep -q libatomic[.]so[.]1,chromium libatomic1)

comma := ,
