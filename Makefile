# One word per job; `make` alone lists them.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .local/venv/bin
UP := $(PYTHON) deploy/local/up.py
TEST := deploy/local/test.sh
PYTEST := $(VENV)/python -m pytest
sources := $(wildcard libs/*/src services/*/src clients/*/src)
chaos := $(filter-out %/conftest.py $(wildcard tests/chaos/test_*.py),$(wildcard tests/chaos/*.py tests/chaos/*/*.py))
# The same faults in the same order each time: a red build is to be had again. Other seeds by hand.
CHAOS_SEED ?= 2
.DEFAULT_GOAL := help
.PHONY: help up down restart status logs doctor demo test test-unit test-flows chaos chaos-short reliability bench performance \
	venv lint types imports fmt migrate revision events assets lock images ci

help: ## list the jobs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

up: ## start the platform on this machine and print its address
	@$(UP) up
down: ## stop it; data stay under .local
	@$(UP) down
restart: ## restart one role or all after a change of code: make restart role=sales-serve
	@$(UP) restart $(role)
status: ## one line per process
	@$(UP) status
logs: ## follow the logs: make logs role=sales-serve
	@$(UP) logs $(role)
doctor: ## look for what would stop `make up`
	@$(UP) doctor
demo: ## load a believable company (needs `make up`)
	@$(VENV)/crm demo load

venv: ## build the virtualenv with tests and tools
	@$(UP) venv --dev
test: ## every test, on private servers: make test args="-k deal"
	@$(TEST) -n 2 --ignore=tests/flows --ignore=tests/browser $(args) || [ $$? = 5 ]
	@$(TEST) tests/flows tests/browser $(args) || [ $$? = 5 ]
test-unit: venv ## tests that need no server
	@$(PYTEST) -n 2 -m unit $(args)
test-flows: ## several services as real processes
	@$(TEST) -m flow $(args)
chaos: venv ## break everything by a schedule, about 20 minutes: make chaos args="--seed 7"
	@$(VENV)/python -m tests.chaos.run $(args)
chaos-short: venv ## the same in about two minutes
	@$(VENV)/python -m tests.chaos.run --short $(args)
reliability: venv ## RELIABILITY.md from the results of chaos runs
	@$(VENV)/python -m tests.chaos.reliability
bench: ## measure; prints figures, judges nothing
	@$(TEST) -m bench -s $(args)
performance: venv ## PERFORMANCE.md from the figures of the last benches
	@$(VENV)/python -m tests.bench.report

lint: venv ## ruff, formatting, spelling, shell, templates
	@$(VENV)/ruff check . && $(VENV)/ruff format --check .
	@git ls-files -z | xargs -0 $(VENV)/codespell
	@git ls-files -z '*.sh' .ci/run | xargs -0 $(VENV)/shellcheck
	@$(VENV)/djlint --quiet --lint --configuration pyproject.toml services/gateway/src
types: venv ## mypy, strict
	@$(VENV)/mypy $(sources) deploy/local/rapport deploy/local/up.py
	@$(VENV)/mypy $(chaos)
imports: venv ## the floors of the house
	@$(VENV)/lint-imports
fmt: venv ## format, and repair what can be repaired
	@$(VENV)/ruff check --fix-only --quiet . ; $(VENV)/ruff format .

migrate: ## bring every database to its newest migration
	@$(UP) migrate
revision: venv ## a new migration: make revision s=sales m="add product"
	@test -n "$(s)" -a -n "$(m)" || { echo 'usage: make revision s=sales m="add product"'; exit 2; }
	@$(PYTHON) deploy/local/revision.py "$(s)" "$(m)"
events: venv ## regenerate schemas, samples, docs/events.md and the AsyncAPI document
	@$(VENV)/python -m crm_contracts generate
assets: ## fetch and hash the console's style sheets and scripts
	@$(PYTHON) deploy/local/assets.py
lock: venv ## recompile the hashed locks in requirements/
	@PATH="$(CURDIR)/$(VENV):$$PATH" requirements/lock.sh $(args)
images: ## build every image with docker, podman or buildah, and run the platform from them
	@deploy/docker/build.sh
	@deploy/docker/try.sh

ci: ## what .ci/run calls
	@$(MAKE) --no-print-directory lint types imports test
	@$(MAKE) --no-print-directory chaos-short args="--seed $(CHAOS_SEED)"
