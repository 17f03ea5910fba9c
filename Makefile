# Sessionscope. `make run` and `make test` are all one needs; `make help` lists the rest.
# Needs Python 3.11 or newer; another than the first on the path: make run PYTHON=python3.13

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq
PORT ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run dev install test check fmt bench calibrate screenshots lock clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## */\t/' | awk -F '\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

run: $(VENV)/run.stamp  ## the dashboard with the sample shop, on localhost (PORT=9000 chooses the port)
	@$(PY) -m analytics run --demo $(if $(PORT),--port $(PORT)) $(ARGS)

dev: $(VENV)/dev.stamp  ## the same, started again for every change of the code
	@SESSIONSCOPE_DEMO=1 $(PY) -m streamlit run app.py --server.runOnSave true --client.showErrorDetails full $(if $(PORT),--server.port $(PORT))

test: $(VENV)/dev.stamp  ## style, types and every test but the slow ones (ARGS="-k funnel" chooses)
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@CHROMIUM="$$(PYTHON=$(PY) sh .ci/chromium)" && export CHROMIUM && $(PY) -m pytest -n 2 --dist loadfile $(ARGS)

fmt: $(VENV)/dev.stamp  ## rewrites the code in the house format
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

bench: $(VENV)/bench.stamp  ## times import and questions beside other engines (minutes, gigabytes)
	@$(PY) -m benchmarks $(ARGS)

calibrate: $(VENV)/dev.stamp  ## simulates comparisons and writes docs/calibration.md (minutes)
	@$(PY) -m benchmarks.calibration --out docs/calibration.md $(ARGS)

screenshots: $(VENV)/dev.stamp  ## takes the README's pictures again
	@CHROMIUM="$$(PYTHON=$(PY) sh .ci/chromium)" && export CHROMIUM && $(PY) docs/screenshots.py $(ARGS)

install: $(VENV)/run.stamp  ## only the virtual environment

# Each file is a whole set, for every platform and every Python from 3.11 on; the second and third agree with the first.
LOCK = $(VENV)/lock/bin/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
	--upgrade --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' pyproject.toml
lock: $(VENV)/made.stamp  ## renews the locked versions and their hashes
	@$(PYTHON) -m venv --clear $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	@$(LOCK) --output-file constraints.txt
	@$(LOCK) --extra dev --constraint constraints.txt --output-file constraints-dev.txt
	@$(LOCK) --extra bench --constraint constraints.txt --output-file constraints-bench.txt
	@rm -rf $(VENV)/lock

clean:  ## removes what make and the tools have put here; stores stay
	@rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache spark-warehouse metastore_db derby.log

# Stamps are written last, so that an interrupted installation is done again.
$(VENV)/made.stamp:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit( \
		"Sessionscope needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name a newer one: make run PYTHON=python3.13" % (v[0], v[1]))'
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/run.stamp: $(VENV)/made.stamp constraints.txt
	@echo "Installing the locked versions of constraints.txt (once, about a minute)"
	@$(PIP) install --require-hashes --only-binary :all: -r constraints.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp constraints-dev.txt
	@echo "Installing what the tests need (constraints-dev.txt)"
	@$(PIP) install --require-hashes -r constraints-dev.txt
	@touch $@

$(VENV)/bench.stamp: $(VENV)/run.stamp constraints-bench.txt
	@echo "Installing what the benchmarks compare with (constraints-bench.txt)"
	@$(PIP) install --require-hashes -r constraints-bench.txt
	@touch $@
