# make demo   set up and run the whole journey on the embedded AWS
# make demo-safety   the same for releases that go wrong
# make test   set up and pass every check and test
# make soak   half an hour of load, releases and faults on the embedded AWS; or MINUTES=5
# make boosting   LightGBM and XGBoost too
# make bench  measure everything beside its peers, into docs/performance.md; or BENCH="cold warm" ROUNDS=3
PYTHON ?= python3
ENVS := .envs
BIN := $(ENVS)/lambent/bin
UV := $(ENVS)/bootstrap/bin/uv
SYNC = $(UV) pip sync --quiet --require-hashes --strict --python

# Every command imports large libraries: without their .pyc files each takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

PEERS := bentoml floor mlserver naive tutorial uvicorn

.PHONY: demo demo-safety test bench soak setup setup-dev boosting clean

demo: setup
	@$(BIN)/python -m infra.demo $(if $(filter once,$(DEMO)),--once)

demo-safety: setup
	@$(BIN)/python -m infra.demo_safety $(if $(filter once,$(DEMO)),--once)

test: setup-dev
	@$(BIN)/python -m tests.check

bench: setup $(PEERS:%=$(ENVS)/peers-%/.ready)
	@$(BIN)/python -m benchmarks $(BENCH) $(if $(ROUNDS),--rounds $(ROUNDS))

soak: setup
	@$(BIN)/python -m benchmarks.soak $(MINUTES)

setup: $(ENVS)/lambent/.ready $(ENVS)/sam/.ready $(ENVS)/runtime/.ready
setup-dev: setup $(ENVS)/lambent/.ready-dev $(ENVS)/checkov/.ready
boosting: $(ENVS)/lambent/.ready-boosting

$(UV): requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lambent needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@echo "→ $(ENVS): uv, to install what the requirements pin"
	@$(PYTHON) -m venv --clear $(ENVS)/bootstrap
	@$(ENVS)/bootstrap/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(ENVS)/lambent/.ready: requirements/tool.txt pyproject.toml $(UV)
	@echo "→ $(ENVS)/lambent: the tool and the embedded AWS (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(ENVS)/lambent
	@$(UV) pip install --quiet --require-hashes --python $(BIN)/python -r requirements/bootstrap.txt -r $<
	@# compat: a line in a .pth; the import hook of the default costs every command 30 ms.
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python \
	  --config-settings editable_mode=compat -e .
	@touch $@

$(ENVS)/lambent/.ready-dev: requirements/dev.txt $(ENVS)/lambent/.ready
	@echo "→ $(ENVS)/lambent: test tools"
	@$(UV) pip install --quiet --require-hashes --python $(BIN)/python -r $<
	@touch $@

$(ENVS)/lambent/.ready-boosting: requirements/boosting.txt $(ENVS)/lambent/.ready
	@echo "→ $(ENVS)/lambent: LightGBM and XGBoost"
	@$(UV) pip install --quiet --require-hashes --python $(BIN)/python -r $<
	@touch $@

# aws-sam-cli, checkov and the Lambda runtime pin libraries of their own: one environment each.
$(ENVS)/%/.ready: requirements/%.txt $(UV)
	@echo "→ $(ENVS)/$*"
	@$(PYTHON) -m venv --clear --without-pip $(ENVS)/$*
	@$(SYNC) $(ENVS)/$*/bin/python $<
	@touch $@

clean:
	rm -rf $(ENVS) .aws-sam .lambent artifacts
