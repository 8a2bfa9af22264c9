# make: everything, to the rendered site · make test · make lab · make check · make clean
# Another interpreter: make PYTHON=python3.13

CANDIDATES = python3 python3.13 python3.12 python3.11 python
PYTHON = $(shell for p in $(CANDIDATES); do $$p -c '$(SUITS)' 2>/dev/null && echo $$p && break; done)
SUITS  = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
NEEDED = Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3 python3-venv; \
         Fedora: dnf install python3; macOS: brew install python), or name one: make PYTHON=python3.12

RUN      = .venv/bin/python
LOCKED   = .venv/.locked
READY    = .venv/.ready
# A broken interpreter or a folder that was moved: set up again.
BROKEN  := $(shell $(RUN) -c 'import pip' 2>/dev/null || rm -f $(LOCKED))
MOVED   := $(shell [ "$$(cat $(READY) 2>/dev/null)" = "$$PWD" ] || echo moved)
# Folders count too: their time tells when a file was removed.
LIBRARY  = $(shell find relations_lib data -not -name '.*' -not -name '*.pyc' -not -name __pycache__)
BOOK     = $(shell find notebooks -not -name '.*' -not -path '*/__pycache__*' -not -path '*/.ipynb*')
SITE     = site/index.html
EVERY    = -n 2 --dist loadfile --nbval
LOCKING  = --all-extras --universal --python-version 3.11 --fork-strategy fewest \
           --generate-hashes --no-emit-index-url --no-header
export PIP_DISABLE_PIP_VERSION_CHECK = 1
.DELETE_ON_ERROR:
.PHONY: moved all site execute test test-browser lab check codebook lock clean

all: site
	@echo "Done. Open $(SITE) (in this folder) in a browser."

$(LOCKED): requirements.lock
	@$(or $(PYTHON),false) -c '$(SUITS)' || { echo "Needed: $(strip $(NEEDED))" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv && $(RUN) -m pip install --require-hashes -r requirements.lock && touch $@

$(READY): $(LOCKED) pyproject.toml $(MOVED)
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(RUN) -c 'import matplotlib.font_manager' && pwd > $@

.build/validated: $(LIBRARY) | $(READY)
	@mkdir -p .build && $(RUN) -m relations_lib validate && touch $@

execute: .build/validated
	@$(RUN) notebooks/site/execute.py

$(SITE): $(LIBRARY) $(BOOK) requirements.lock
	@echo "Rendering the site ..."
	@$(RUN) notebooks/site/gather.py && touch $@ || { rm -rf .build/doctrees; exit 1; }

site: execute
	@$(MAKE) --no-print-directory --silent $(SITE)

test: $(READY)
	$(RUN) -m pytest $(EVERY)

test-browser: site
	$(RUN) -m pytest -m browser -n 2 tests/test_browser.py

lab: $(READY)
	$(RUN) -m jupyterlab notebooks

check: $(READY)
	$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m mypy && $(RUN) -m pytest -q -m "not slow and not browser"

codebook: $(READY)
	$(RUN) data/codebook.py

lock:
	$(PYTHON) -m venv .build/uv && .build/uv/bin/python -m pip install --quiet uv
	.build/uv/bin/uv pip compile pyproject.toml $(LOCKING) -o requirements.lock

clean:
	rm -rf .venv .build site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
