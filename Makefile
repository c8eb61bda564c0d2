# make run     start Callbox with the practice city on http://127.0.0.1:8000 (PORT=8001 for another)
# make test    everything that is checked and tested
# make check   style, types, layers, house rules
# make bench   measurements, each beside its floor
# make lock    write the lock files anew (UPGRADE=1 for newer versions)
# make clean   remove what can be made again; never .callbox, where the data is

SHELL := /bin/sh
PY := .venv/bin/python

.PHONY: help run test check bench lock clean
help:
	@sed -n 's/^# //p' Makefile

# `exec` puts the supervisor in make's place as far as signals go: Ctrl-C and SIGTERM reach it.
run:
	@scripts/venv.sh base
	@exec env CALLBOX_PRACTICE="$${CALLBOX_PRACTICE-1}" $(PY) -m callbox.running.serve --with-parent

test: check
	@$(PY) -m pytest $(ARGS)

check:
	@scripts/venv.sh test
	@scripts/test-packages.sh
	@scripts/check.sh

bench:
	@scripts/venv.sh test
	@$(PY) -m bench $(ARGS)

lock:
	@scripts/venv.sh base
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis src/*.egg-info
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
