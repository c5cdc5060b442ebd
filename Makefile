# One command from clone to running, one from clone to a green suite. Needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
PIP := .venv/bin/pip --disable-pip-version-check -q
COMPILE := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q

.PHONY: install run test check bench load fuzz lock clean

install: .venv/installed  ## the service alone, in .venv, from the lock file

run: .venv/installed  ## the demo: simulated phone and mailbox, staff inbox, demo accounts
	.venv/bin/pst serve --demo

test: .venv/installed-dev  ## the whole suite; parts that need PostgreSQL, Dovecot or Chromium say so when they are skipped
	.venv/bin/python -m pytest -n 2

check: .venv/installed-dev  ## style, types, and the base
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/pst kb check

bench: .venv/installed-dev  ## measurements that are too long or too noisy for the suite
	.venv/bin/python -m bench

lock: .venv/bin/uv  ## pin every dependency anew
	echo setuptools | $(COMPILE) pyproject.toml - -o requirements.lock
	echo setuptools | $(COMPILE) pyproject.toml - --group dev -o requirements-dev.lock

clean:
	rm -rf .venv var build *.egg-info

.venv/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

.venv/bin/uv: .venv/bin/pip
	$(PIP) install uv

# Not compiled ahead: of the thousands of modules that the libraries hold, few are ever imported.
.venv/installed: .venv/bin/pip requirements.lock pyproject.toml
	$(PIP) install --no-compile --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	.venv/bin/pst kb learn
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(PIP) install --no-compile --require-hashes -r requirements-dev.lock
	touch $@
