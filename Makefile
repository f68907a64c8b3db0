# demo and test each set everything up on a clean checkout; only python3 (3.11 or later) and make are needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INTEROP := .venv-interop
OLDEST := .venv-oldest
NEWEST := .venv-newest
NEWEST_PYTHON ?= $(shell .ci/python 3.13)
# Tests that together touch every package that kctopt needs, in a fraction of the time of all.
TOUCHING := --numprocesses auto --dist worksteal -m touches
SPHINX := --quiet --fail-on-warning --keep-going --nitpicky

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test long check words format docs site bench metamorphic interop oldest newest build clean

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

demo: $(VENV)/installed  ## set up, solve the baseline
	$(BIN)/kctopt solve baseline

test: $(VENV)/installed-dev  ## set up, run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

long: $(VENV)/installed-dev  ## the tests that `make test` leaves out: whole solves, dearest pages (about 15 minutes)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal -m long

check: $(VENV)/installed-dev  ## format, lint, types, texts in every language; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_catalogue.py

words: $(VENV)/installed-dev  ## bring the catalogues of other languages in step with the texts of the code
	$(BIN)/python tests/catalogue.py

format: $(VENV)/installed-dev  ## format, and fix what the linter can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: site  ## build the site in build/docs, English and Chinese; check links, run examples
	$(BIN)/python -m pytest -m "" tests/test_docs.py tests/test_site.py

site: $(VENV)/installed-docs  ## the same without the examples; `make test` runs those of the English pages
	rm -rf build/docs build/doctrees
	$(BIN)/sphinx-build $(SPHINX) -d build/doctrees/en docs build/docs
	$(BIN)/sphinx-build $(SPHINX) -d build/doctrees/zh -t zh -c docs docs/zh build/docs/zh
	$(BIN)/python docs/_site/check.py build/docs

bench: $(VENV)/installed-bench  ## measure; writes docs/benchmarks.md (about 75 minutes on an idle machine)
	$(BIN)/python -m benchmarks.run --full

metamorphic: $(VENV)/installed-dev  ## 500 random scenarios, each changed in a way whose effect is known (about an hour)
	cd tests && $(abspath $(BIN))/python -m metamorphic

interop: $(INTEROP)/installed  ## pyam, frictionless, pyarrow and LibreOffice read what kctopt writes (in .venv-interop)
	$(INTEROP)/bin/python -m pytest tests/interop -W default

oldest: $(OLDEST)/installed  ## tests that touch every package, with the oldest versions that pyproject.toml allows
	$(OLDEST)/bin/python -m pytest $(TOUCHING)

newest: $(NEWEST)/installed  ## the same with the newest versions, on Python 3.13
	$(NEWEST)/bin/python -m pytest $(TOUCHING)

build: $(VENV)/installed-dev  ## wheel and source archive in dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation

clean:  ## remove everything that was made here, except saved runs
	rm -rf $(VENV) $(INTEROP) $(OLDEST) $(NEWEST) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Stamps: an installation is renewed when pyproject.toml has changed.
$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("kctopt needs Python 3.11 or later; name one with PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $(VENV)/installed $@

$(VENV)/installed-docs: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --editable '.[dev,docs]'
	@touch $(VENV)/installed $(VENV)/installed-dev $@

$(VENV)/installed-bench: pyproject.toml | $(VENV)/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $(VENV)/installed $@

$(INTEROP)/installed: pyproject.toml
	$(PYTHON) -m venv $(INTEROP)
	$(INTEROP)/bin/python -m pip install --quiet --editable '.[interop,excel,netcdf]'
	@touch $@

$(OLDEST)/installed: pyproject.toml .ci/oldest.txt
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --constraint .ci/oldest.txt --editable '.[dev]'
	@touch $@

$(NEWEST)/installed: pyproject.toml
	@test -n "$(NEWEST_PYTHON)" || { echo "there is no Python 3.13 here; name one with NEWEST_PYTHON=PATH"; exit 1; }
	$(NEWEST_PYTHON) -m venv $(NEWEST)
	$(NEWEST)/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $@
