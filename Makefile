# Wanamaker: `make help` lists the targets. Everything installs into .venv from requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
MEMBERS := shared services/collector services/identity services/crm-bridge services/attribution deploy/standalone
STAMP := .venv/installed
# Where tests keep their files: in memory if it has 4 GB to spare, since they sync thousands of times.
SCRATCH = $(shell df -kP /dev/shm 2>/dev/null | awk 'NR > 1 && $$4 > 4000000 {print $$6}')
# Hundreds of processes start; where bytecode may not be kept, each would compile a thousand modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install run demo test lint bench services tracker lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(STAMP) ## Install everything into .venv, versions and hashes from requirements.lock

$(STAMP): requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Wanamaker needs Python 3.11 or newer; try: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix -e ./,$(MEMBERS))
	@touch $@

run: install ## Start Wanamaker on this machine (data in ./data, Ctrl-C stops it)
	$(BIN)/wanamaker up

demo: install ## Send a demo company's ninety days through the real services and show the ROI table
	$(BIN)/wanamaker demo

test: install ## Run the tests
	$(if $(SCRATCH),TMPDIR=$(SCRATCH)) $(BIN)/python -m pytest -n 2 --dist loadfile

lint: install ## Check style, types and architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install ## Measure the speeds that README quotes
	$(BIN)/python -m tests.benchmarks

services: install ## Start a real Kafka and PostgreSQL for trying the cluster form (Ctrl-C stops them)
	$(BIN)/python -m tests.parts

tracker: ## Build the tracker that pages load, after a change of its source (needs node and npm)
	cd services/collector/tracker && npm ci --ignore-scripts --no-audit --no-fund && npm run --silent check && npm run --silent build

lock: install ## Renew requirements.lock from the pyproject files
	$(BIN)/uv lock --quiet --upgrade
	$(BIN)/uv export --quiet --all-packages --all-groups --no-emit-workspace --no-annotate --no-header --format requirements-txt -o requirements.lock

clean: ## Remove the virtual environment and demo data
	rm -rf .venv data build
