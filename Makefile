# Every target sets itself up once: .venv, the locked dependencies, then this package (editable).
PYTHON ?= python3
VENV   := .venv
LESSON ?=
SEEDS  ?=
READY  := $(VENV)/.ready
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python

.PHONY: help lab run test check lint unit lessons refresh bench lock clean
help:       ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ —/'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "visioncourse needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

run: $(READY)    ## execute every lesson with papermill; report under runs/
	$(PY) -m visioncourse run

lab: $(READY)    ## JupyterLab on the lessons
	$(PY) -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb

# Two processes share the unit tests, file by file; with more than one thread each, they would wait for each other.
check: $(READY)  ## style, types, unit tests, static lesson rules (under 2 minutes)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	OMP_NUM_THREADS=1 $(PY) -m pytest -q -n 2 --dist loadfile tests -m "not slow"

test: check lessons  ## everything that CI checks

lessons: $(READY)  ## strict nbval of every lesson, budgets, sabotage, smoke and float32 runs
	$(PY) -m pytest -q --nbval --nbval-current-env --nbval-sanitize-with notebooks/nbval_sanitize.cfg notebooks
	$(PY) -m visioncourse run -p precision float32 --out runs/float32
	$(PY) -m pytest -q tests -m slow

refresh: $(READY)  ## execute and store lessons: make refresh, make refresh LESSON=02
	$(PY) tools/refresh_notebooks.py $(LESSON)

bench: $(READY)  ## speed ratios against named peers, in one process group
	$(PY) -m benchmarks

lock: $(READY)   ## maintainers: resolve requirements.lock anew (needs uv)
	uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" -o requirements.lock

clean:      ## remove what can be made again
	rm -rf $(VENV) runs .mypy_cache .pytest_cache .ruff_cache build
