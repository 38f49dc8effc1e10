# Needs only python3 with venv, and make. Everything else is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check fast docs bench lock install catalogues .venv

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run:  ## start a blog on this machine and print its address
	@$(PYTHON) scripts/environment.py run
	@$(BIN)/palabre run

install .venv:  ## install everything for development into .venv
	@$(PYTHON) scripts/environment.py dev

lock:  ## choose versions again for requirements/*.txt
	@$(PYTHON) scripts/environment.py dev
	@$(BIN)/python scripts/lock.py
