# Needs make, Python 3.11 or later and pip. Everything else is set up here.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
DEMO ?= 1
PEOPLE ?=
RUN_FLAGS := $(if $(filter 0 no false,$(DEMO)),--no-demo,$(if $(PEOPLE),--demo-people $(PEOPLE)))
PYTEST_FLAGS ?=
ARCH ?= x86_64

.PHONY: run stop setup setup-dev check test test-deep soak conformance bench docs lock baseline bundle upgrade clean

run: setup
	@exec $(BIN)/lingqu run $(RUN_FLAGS)

stop:
	@$(BIN)/lingqu stop

upgrade: setup
	@$(BIN)/lingqu upgrade

setup:
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev

check: setup-dev
	@$(BIN)/python tools/check.py

test: setup-dev
	@$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not deep" $(PYTEST_FLAGS)

test-deep: setup-dev
	@$(BIN)/python -m pytest -m deep $(PYTEST_FLAGS)

# Imports, then processes, then learning records; one of them: SOAK=tools/soak_records.py.
SOAK ?= tools/soak.py tools/soak_cases.py tools/soak_records.py
soak: setup-dev
	@for part in $(SOAK); do $(BIN)/python $$part $(SOAK_FLAGS) || exit 1; done

# The suite of ADL for learning record stores: SUITE is a copy of adlnet/lrs-conformance-test-suite after npm install.
conformance: setup-dev
	@$(BIN)/python tools/conformance.py $(SUITE)

bench: setup-dev
	@$(BIN)/python tools/bench.py $(BENCH_FLAGS)

docs: setup-dev
	@$(BIN)/python tools/docs.py

# Both locks again from pyproject.toml, without any index in them.
lock: setup-dev
	@$(BIN)/python tools/lock.py

# The schema for empty databases, after a new or changed migration.
baseline: setup-dev
	@$(BIN)/python tools/baseline.py

# One tar in build/ that installs without network; ARCH=aarch64 for the other machine.
bundle: setup
	@$(PYTHON) tools/bundle.py --arch $(ARCH)

clean:
	rm -rf .venv node_modules lingqu/ui/static/dist build site
