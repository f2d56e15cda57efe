# How a bundle is made. The Makefile that includes this says which REQUIREMENTS and what of our own
# CODE go in, and what of it all is UNUSED there. `sam build` runs it with ARTIFACTS_DIR set, inside
# targets/<architecture>-<runtime> (template.yaml, WorkingDirectory): so it learns what to build for.
# All paths start there: make takes an absolute one apart at its spaces.
ROOT := ../../..
include target.mk

UV := $(or $(wildcard $(ROOT)/.envs/bootstrap/bin/uv),uv)
INTERPRETER := $(shell $(UV) python find --no-project --no-python-downloads '==$(TARGET_PYTHON).*' 2>/dev/null)

.PHONY: bundle packages source prune bytecode
bundle: bytecode
	@find "$(ARTIFACTS_DIR)" -exec touch -t 198001020000 {} +

packages:
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
ifeq ($(INTERPRETER),)
	@echo "No python$(TARGET_PYTHON) here: the bundle goes without .pyc files and starts about three times" >&2
	@echo "slower. Install one (uv python install $(TARGET_PYTHON)), remove .aws-sam and build again." >&2
else
	@"$(INTERPRETER)" -m compileall -q --invalidation-mode unchecked-hash \
	  -s "$(ARTIFACTS_DIR)" -p /var/task "$(ARTIFACTS_DIR)"
endif
