# Every target sets up what it needs by itself: Python 3.11 or newer is all that must be there.
# `uv` is used where it is on the PATH; otherwise `python3 -m venv` and pip.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)

# Two stamps, each made once for every change of what is installed: what running needs, and all.
# Without a C compiler the passes over texts are Python's (`distillgate version`).
BUILT := pyproject.toml setup.py $(wildcard middleware/distillgate/native/*.[ch])
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev

.PHONY: help demo image test test-drill test-hosts test-folders lint profile bench detection evasion soak public fuzz fuzz-admin sbom audit differential test-peers test-agents clean docs
.DEFAULT_GOAL := help

help:
	@echo "make demo       play honest accounts and a campaign through a real sidecar (ARGS=--stay)"
	@echo "make test       check style, types and layers, and run all tests"
	@echo "make test-hosts  mount the gate in real hosts, each in an environment of its own"
	@echo "make test-drill  play 500 accounts at a gate, and compare what it says with what they got"
	@echo "make test-folders  see that every folder of tests can be run alone"
	@echo "make lint       the checks without the tests"
	@echo "make image      build the sidecar's image (BASE=a local image with Python)"
	@echo "make docs       build the documentation's site into site/"
	@echo "make profile    say where one exchange's microseconds go"
	@echo "make bench      measure what the gate costs here (about 12 minutes; ARGS=--quick, --markdown)"
	@echo "make detection  draw worlds and measure detection rate and false positives (ARGS=--quick; else an afternoon)"
	@echo "make differential  send 10,000 requests to each upstream alone and through the sidecar (ARGS=-k go)"
	@echo "make test-peers run the SDKs' own test suites through the sidecar (ARGS='--sdk openai')"
	@echo "make test-agents  lead real agents through twenty steps of a degraded account (ARGS='-k codex')"
	@echo "make evasion    hide one campaign in every way that is known, and say which ways work"
	@echo "make soak       load a gate for ten minutes while all round it fails (ARGS='--minutes 120 --rate 500')"
	@echo "make public     write generated logs of campaigns and honest twins, and say who finds what"
	@echo "make fuzz       search for bytes that a reader fails on, and print a table (SECONDS=60 a target, TARGETS=...)"
	@echo "make fuzz-admin  ask the operator's pages whatever there is to ask (ARGS='--examples 100')"
	@echo "make sbom       list what is installed, as CycloneDX, in dist/sbom.json"
	@echo "make audit      ask whether a dependency has a known vulnerability (needs the network)"
	@echo "make clean      remove the environment and every cache"

demo: $(RUN)
	@$(BIN)/python -m distillgate demo $(ARGS)

test: lint
	$(BIN)/pytest -n auto
	DISTILLGATE_NATIVE=off $(BIN)/pytest -n auto -q tests/fingerprint

test-hosts: $(DEV)
	DISTILLGATE_HOSTS=.hosts $(BIN)/pytest tests/hosts -p no:randomly -rs $(ARGS)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What builds images here: a docker without its daemon does not.
BUILDER = $(shell for one in docker podman buildah; do \
  if $$one info > /dev/null 2>&1; then echo $$one; break; fi; done)

# BASE is a local image with Python 3.11 or newer, where docker.io cannot be reached.
image:
	$(or $(BUILDER),docker) build $(if $(BASE),--build-arg PYTHON=$(BASE)) -f deploy/Dockerfile -t distillgate $(ARGS) .

docs: $(DEV)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet $(ARGS)

test-folders: $(DEV)
	@for folder in tests/*/; do $(BIN)/pytest --collect-only -q "$$folder" > /dev/null; \
	  case $$? in 0|5) ;; *) echo "$$folder cannot be run alone" >&2; exit 1;; esac; done

profile: $(DEV)
	$(BIN)/python -m benchmarks stages $(ARGS)

bench: $(DEV)
	$(BIN)/python -m benchmarks $(ARGS)

differential: $(DEV)
	DIFFERENTIAL_EXAMPLES=$${DIFFERENTIAL_EXAMPLES:-10000} $(BIN)/pytest tests/differential -n auto $(ARGS)

test-peers: $(DEV)
	$(BIN)/python -m benchmarks.suites $(ARGS)

test-drill: $(DEV)
	DISTILLGATE_DRILL=1 $(BIN)/pytest tests/drills -p no:randomly -rs $(ARGS)

test-agents: $(DEV)
	DISTILLGATE_AGENTS=1 $(BIN)/pytest tests/agents -p no:randomly -rs $(ARGS)

detection: $(DEV)
	$(BIN)/python -m benchmarks.detection $(ARGS)

evasion: $(DEV)
	$(BIN)/python -m benchmarks.detection.evasion $(ARGS)

soak: $(DEV)
	$(BIN)/python -m benchmarks.soak $(ARGS)

public: $(DEV)
	$(BIN)/python -m benchmarks.public $(ARGS)

SECONDS ?= 60

fuzz: $(DEV)
	$(INSTALL) --group fuzz
	$(BIN)/python -m tools.fuzz_report --seconds $(SECONDS) $(TARGETS)

fuzz-admin: $(DEV)
	$(INSTALL) --group fuzz
	$(BIN)/python -m tools.fuzz_admin $(ARGS)

sbom: $(DEV)
	$(INSTALL) --group audit
	@mkdir -p dist
	$(BIN)/cyclonedx-py environment $(BIN)/python --output-format JSON --output-file dist/sbom.json

audit: $(DEV)
	$(INSTALL) --group audit
	@mkdir -p dist
	@$(BIN)/pip-audit --local --skip-editable > dist/audit.txt 2>&1; found=$$?; cat dist/audit.txt; \
	  if grep -q "could not be audited" dist/audit.txt; then \
	    echo "audit: packages were not audited: the registry in use has no advisories" >&2; exit 2; fi; exit $$found

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .fuzz .hosts .agents dist build site
	rm -f middleware/distillgate/native/*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# `xds-protos` brings an older copy of its files, and which of both is left is chance.
OTEL_LAST = $(INSTALL) --force-reinstall --no-deps opentelemetry-proto

ifneq ($(UV),)

INSTALL = $(UV) pip install --quiet --python $(BIN)/python

$(BIN)/python:
	@$(UV) venv --quiet --python '>=3.11' $(VENV)

$(RUN): $(BUILT) | $(BIN)/python
	@echo "installing distillgate into $(VENV) ..."
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[all]'
	@$(OTEL_LAST)
	@touch $@

$(DEV): $(BUILT) | $(BIN)/python
	@echo "installing distillgate and its development tools into $(VENV) ..."
	@$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --editable '.[all]' --group dev
	@$(OTEL_LAST)
	@touch $(RUN) $@

else

INSTALL = $(PIP) install
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUN): $(BUILT) | $(BIN)/python
	@echo "installing distillgate into $(VENV) ..."
	@$(PIP) install --editable '.[all]'
	@$(OTEL_LAST)
	@touch $@

# Dependency groups (PEP 735) came with pip 25.1; the interpreter's own is often older.
$(DEV): $(BUILT) | $(BIN)/python
	@echo "installing distillgate and its development tools into $(VENV) ..."
	@$(PIP) install --upgrade 'pip>=25.1'
	@$(PIP) install --editable '.[all]' --group dev
	@$(OTEL_LAST)
	@touch $(RUN) $@

endif
