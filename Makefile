# Needs python3 with venv, and make. Everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# What measures time runs with nothing beside it; it is part of one group that may be required.
ALONE := PALABRE_REQUIRE_GROUPS=$(if $(PALABRE_REQUIRE_GROUPS),browser)
# What tests and benchmarks start would compile the whole blog anew each time.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test fast matrix check docs bench lock install catalogues .venv

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

run:  ## a blog on this machine; the first address printed is its own
	@$(PYTHON) scripts/environment.py run
	@$(BIN)/palabre run

test: install  ## all tests, on SQLite and on PostgreSQL, with a browser and an HTML checker
	@$(PYTHON) scripts/system.py
	@$(BIN)/pytest --database both -n auto --maxprocesses 4 --dist loadfile -m "not alone" $(ARGS)
	@$(ALONE) $(BIN)/pytest --database both -m alone $(ARGS) || [ $$? -eq 5 ]  # 5: ARGS chose none

fast: install  ## the quick tests, under 30 s, on SQLite without a browser
	@$(BIN)/pytest -q --quick -n auto --maxprocesses 4 --dist loadfile $(ARGS)

matrix: install  ## core and platform beside each plugin alone, and all but each: two hours
	@$(BIN)/python scripts/matrix.py $(SITES) -- -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: install  ## style, types, import directions, catalogues, generated pages
	@$(BIN)/python scripts/check.py

docs: install  ## the documentation, into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: install  ## how fast it is, beside a by-hand reference
	@$(BIN)/python -m benchmarks $(ARGS)

catalogues: install  ## bring the translations up to date with the code
	@$(BIN)/python scripts/catalogues.py

lock: install  ## choose the newest versions again for requirements/*.txt
	@$(BIN)/python scripts/lock.py --upgrade

install:  ## everything for development, into .venv
	@$(PYTHON) scripts/environment.py dev

.venv: install
