# make: everything, to the rendered site · make test · make lab · make check · make test-all · make clean
# Another interpreter: make PYTHON=python3.13

CANDIDATES = python3 python3.13 python3.12 python3.11 python
SUITS  = import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON := $(shell for p in $(CANDIDATES); do $$p -IS -c '$(SUITS)' 2>/dev/null && echo $$p && break; done)
NEEDED = Python 3.11 or newer with its venv module (Debian, Ubuntu: apt install python3 python3-venv; \
         Fedora: dnf install python3; macOS: brew install python), or name one: make PYTHON=python3.12

RUN     = .venv/bin/python
# A Python that is named must be the environment's; one that was only found need not.
NAMED  := $(if $(filter file,$(origin PYTHON)),,--this-python)
SET_UP  = @$(or $(PYTHON),false) -IS -c '$(SUITS)' 2>/dev/null || { echo "Needed: $(strip $(NEEDED))" >&2; exit 1; }; \
          $(PYTHON) -ISu notebooks/site/environment.py $(NAMED)
# Folders count too: their time tells when a file was removed.
LIBRARY = $(shell find relations_lib data -not -name '.*' -not -name '*.pyc' -not -name __pycache__)
BOOK    = $(shell find notebooks -not -name '.*' -not -path '*/__pycache__*' -not -path '*/.ipynb*')
SITE    = site/index.html
# Without nbval: what it imports takes seconds, and no notebook runs here.
QUICK   = -p no:nbval -m "not thorough and not slow and not browser and not install"
TESTS   = -m pytest -n 2 --dist loadfile --durations 10
LOCKING = --quiet --universal --python-version 3.11 --fork-strategy fewest \
          --generate-hashes --no-emit-index-url --no-header
# A reader's own settings of Python and of what the tests use are not for this project.
FOREIGN = COLUMNS LINES PYTHON% PYTEST% HYPOTHESIS% MYPY% RUFF% MPL% MATPLOTLIB% NETWORKX% NPY% PANDAS% SCIPY%
unexport $(filter $(FOREIGN),$(.VARIABLES))
export MPLCONFIGDIR = $(CURDIR)/.build/matplotlib
.DELETE_ON_ERROR:
.PHONY: all ready ready-to-test site execute test test-browser test-rest test-all lab check pdf dist refresh codebook lock clean

all: site
	@echo "Done. Open $(SITE) (in this folder) in a browser."

ready:
	$(SET_UP)

ready-to-test:
	$(SET_UP) --tests

.build/validated: $(LIBRARY) | ready
	@mkdir -p .build && $(RUN) -m relations_lib validate && touch $@

execute: .build/validated
	@$(RUN) notebooks/site/execute.py

$(SITE): $(LIBRARY) $(BOOK) requirements.lock
	@echo "Rendering the site ..."
	@$(RUN) notebooks/site/gather.py && touch $@

site: execute
	@$(MAKE) --no-print-directory --silent $(SITE)

# Three tiers: a minute before a commit, three minutes of everything quick, and then the rest.
check: ready-to-test
	$(RUN) -m ruff format --check . && $(RUN) -m ruff check . && $(RUN) -m mypy && $(RUN) $(TESTS) -q $(QUICK) tests relations_lib

test: ready-to-test
	$(RUN) $(TESTS) --nbval

test-browser: ready-to-test site
	$(RUN) $(TESTS) -m browser tests

test-rest: ready-to-test site
	$(RUN) $(TESTS) -m "slow or browser or install" tests

test-all: test
	@$(MAKE) --no-print-directory test-rest

# In a container: make lab OPTIONS="--ip=0.0.0.0 --no-browser"
lab: ready
	@test -d "$$HOME" -a -w "$$HOME" || export HOME="$(CURDIR)/.build/home"; \
	mkdir -p "$$HOME" && $(RUN) -m jupyterlab $(OPTIONS) notebooks

pdf: ready-to-test site
	$(RUN) notebooks/site/_pdf.py dist/book.pdf

# Paper for a class: worksheets, solutions, method card, hand-out, slides
class: ready-to-test site
	$(RUN) notebooks/site/_class.py dist/class

# All of a release; the PDF needs Chromium and is left out where there is none.
dist: site
	@rm -rf dist && mkdir dist && $(MAKE) --no-print-directory pdf || true
	@$(RUN) notebooks/site/_bundle.py

refresh: .build/validated
	@$(RUN) notebooks/site/refresh.py

codebook: ready
	$(RUN) data/codebook.py

lock: ready
	.venv/bin/uv pip compile pyproject.toml --extra notebooks --extra site --extra setup $(LOCKING) -o requirements.lock
	.venv/bin/uv pip compile pyproject.toml --all-extras -c requirements.lock $(LOCKING) \
	  $$(sed -n 's/^\([A-Za-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock) -o requirements-test.lock

clean:
	rm -rf .venv .build site dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
