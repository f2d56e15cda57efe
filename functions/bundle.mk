# How a bundle is made. The Makefile that includes this says which REQUIREMENTS and what of our own
# CODE go in, and what of it all is UNUSED there. `sam build` runs it with ARTIFACTS_DIR set, inside
# targets/<architecture>-<runtime> (template.yaml, WorkingDirectory): so it learns what to build for.
# All paths start there: make takes an absolute one apart at its spaces.
ROOT := ../../..
include target.mk

UV := $(or $(wildcard $(ROOT)/.envs/bootstrap/bin/uv),uv)
# Of the runtime's version: one on the path, one of pyenv (uv stops at the shim of one that is not
# active), or one that uv fetches.
FIND = $(UV) python find --no-project --no-python-downloads
PYENV = $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$(TARGET_PYTHON)
INTERPRETER := $(or \
  $(shell $(FIND) $(TARGET_PYTHON) 2>/dev/null), \
  $(lastword $(wildcard $(PYENV).[0-9]/bin/python $(PYENV).[0-9][0-9]/bin/python)), \
  $(shell $(UV) python install --no-bin $(TARGET_PYTHON) && $(FIND) --managed-python $(TARGET_PYTHON)))

.PHONY: bundle interpreter packages source prune bytecode
bundle: bytecode
	@find "$(ARTIFACTS_DIR)" -exec touch -t 198001020000 {} +

interpreter:
	@test -n "$(INTERPRETER)" || { \
	  echo "No Python $(TARGET_PYTHON) is here to make .pyc files with, and uv could not fetch one (above)."; \
	  echo "Without them a function starts about three times slower. Install Python $(TARGET_PYTHON)"; \
	  echo "(with apt, brew, pyenv, or uv python install --mirror) and build again."; exit 1; } >&2

packages: interpreter
	@$(UV) pip install --quiet --no-deps --require-hashes --link-mode copy --target "$(ARTIFACTS_DIR)" \
	  --only-binary :all: --python-platform $(TARGET_PLATFORM) --python-version $(TARGET_PYTHON) \
	  --no-python-downloads --requirement "$(ROOT)/requirements/$(REQUIREMENTS)"

source: packages
	@cd "$(ROOT)" && tar -cf - --exclude __pycache__ $(CODE) | tar -xf - -C "$(ARTIFACTS_DIR)"

prune: source
	@cd "$(ARTIFACTS_DIR)" && rm -rf $(UNUSED) *.dist-info .lock
	@find "$(ARTIFACTS_DIR)" -type d \( -name tests -o -name testing -o -name __pycache__ \) -prune -exec rm -rf {} +
	@find "$(ARTIFACTS_DIR)" -type f \( -name '*.pyi' -o -name '*.pxd' -o -name '*.h' -o -name '*.a' \) -exec rm -f {} +

# Checked by nobody at start: the code of a version never changes.
bytecode: prune
	@"$(INTERPRETER)" -m compileall -q --invalidation-mode unchecked-hash \
	  -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
