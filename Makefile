# Each target installs what the lock files say, into .venv, and does nothing where that is done;
# tools/environments.py has the table.
PYTHON ?= python3
BIN = .venv/bin
INSTALL = @$(PYTHON) tools/environments.py install

.PHONY: serve test test-newest test-oldest check docs conformance examples format bench bench-peers soak screenshots schemas fixtures lock dist release image clean

serve:
	$(INSTALL) serve
	$(BIN)/mockserver serve $(ARGS)

test:
	$(INSTALL) test
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

# The two ends of the ranges in setup.cfg. Not part of CI: a new version must not break it.
test-newest:
	@$(PYTHON) tools/environments.py newest
	.venv-newest/bin/pytest -n auto --dist worksteal $(ARGS)

test-oldest:
	@$(PYTHON) tools/environments.py oldest
	.venv-oldest/bin/pytest -n auto --dist worksteal $(ARGS)

# What CI runs. TESTED=yes leaves the tests out, after `make test`.
check:
	$(INSTALL) check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive -ll mockserver clients/python/src
	$(BIN)/hadolint Dockerfile
	$(BIN)/mockserver check
	$(BIN)/mockserver schemas --check
	$(BIN)/mockserver fixtures --check
	$(MAKE) docs
	$(if $(TESTED),,$(BIN)/pytest -n auto --dist worksteal $(ARGS))

# The pages as a site, in build/site. A broken link or anchor is an error. It needs no network.
docs:
	$(INSTALL) docs
	.venv-docs/bin/sphinx-build -c docs --fresh-env --write-all --fail-on-warning --keep-going --nitpicky --quiet . build/site
	@echo "The site is in build/site/index.html"

# Node 18 or later and npm. The reference parser, Dredd and Schemathesis against the server; ARGS=--short as CI runs it.
conformance:
	$(INSTALL) conformance
	.venv-conformance/bin/python tests/conformance/run.py $(ARGS)

# Node 18 or later, npm and Chromium; the tests start the server themselves. Three pages use the packages of the examples.
examples: export PATH := $(CURDIR)/$(BIN):$(PATH)
examples: export MOCKSERVER = mockserver
examples: export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1
examples:
	$(INSTALL) test
	cd clients/js && npm ci && npm test
	cd examples/playwright && npm ci && npm test
	cd examples/ssr && npm ci && npm test
	$(BIN)/pytest -q tests/docs/test_tutorial.py tests/docs/test_frontend.py tests/docs/test_ssr_page.py tests/docs/test_playwright_example.py

format:
	$(INSTALL) check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# wrk. docs/benchmarks.md explains these figures; ARGS are those of cpu.py.
bench:
	$(INSTALL) serve
	$(BIN)/python bench/cpu.py $(ARGS)
	$(BIN)/python bench/start.py
	$(BIN)/python bench/throughput.py

# wrk, nginx, Node 20, npm and Java 17; the peers come from npm into a temporary folder.
# ARGS=--quick takes two minutes.
bench-peers:
	$(INSTALL) test
	$(BIN)/python bench/peers.py $(ARGS)

soak:
	$(INSTALL) test
	for script in one_change isolation kills signals outages growth quiet; do $(BIN)/python bench/soak/$$script.py || exit 1; done
	$(BIN)/pytest --thorough -s tests/system/test_attacks.py tests/system/test_walks.py tests/spec/blueprint/test_mutations.py tests/generation/recipes/test_faker_providers.py tests/verification/diff/test_schema_oracle.py tests/project/test_environments.py

screenshots:
	$(INSTALL) test
	$(BIN)/pytest tests/web/panel/test_layout.py -k pictures --screenshots

schemas fixtures:
	$(INSTALL) serve
	$(BIN)/mockserver $@ $(ARGS)

# All lock files: the newest versions that setup.cfg allows, one for each package.
lock:
	@$(PYTHON) tools/environments.py lock $(ARGS)

# npm. The files of the last commit in dist/, built and checked.
dist:
	$(INSTALL) release
	.venv-release/bin/python tools/release.py build

# The same for a commit that is ready, with the commands that upload the files. It uploads nothing.
release:
	$(INSTALL) release
	.venv-release/bin/python tools/release.py release $(ARGS)

image:
	.ci/image

clean:
	rm -rf .venv .venv-conformance .venv-docs .venv-newest .venv-oldest .venv-lock .venv-release
	rm -rf build dist *.egg-info clients/python/build clients/python/dist clients/python/src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	rm -rf clients/js/dist clients/js/*.tgz clients/js/node_modules examples/playwright/dist examples/playwright/test-results examples/playwright/node_modules examples/ssr/dist examples/ssr/test-results examples/ssr/node_modules tests/conformance/node_modules
