PYTHON ?= python3
UV ?= uv
PORT ?= 8080
STAGE ?= dev
MINUTES ?= 10
SEEDS ?= 1..200
STACKS ?= --all

BIN := .venv/bin
INSTALLED := .venv/.installed
RUNS := .venv-run/.installed
EMULATES := .venv-emulator/.installed
EMULATED := tests/emulator/requirements.lock
CLI := infra/node_modules/.package-lock.json
CDK := infra/node_modules/.bin/cdk
MUTATES := build/mutants/packages/.installed
STORE := build/dynamodb-local/node_modules/.package-lock.json
CLIENTS := build/clients/node_modules/.package-lock.json
DESCRIBED := build/clients/.described
CONSOLE := infra/console/node_modules/.package-lock.json
CHECKED := build/console/.checked
BROWSER := build/chromium/chromium
# The CDK and its command line need Node, which comes with the virtual environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Many processes import the same: without bytecode each would compile all of it.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help .venv .venv-run run listen check-receiver smoke test console screenshots bench faults load simulate mutants fuzz lint format lock synth deploy emulate add-partner load-catalog load-sims withdraw-catalog withdraw-sims
.PHONY: show-partner rotate-partner move-partner disable-partner enable-partner remove-partner
.PHONY: show stock redrive repair check-restore erase

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.venv: $(INSTALLED)

.venv-run: $(RUNS)

$(INSTALLED): requirements.lock
	@$(call install,.venv,$<,this takes a minute or two)

$(RUNS): requirements-run.lock
	@$(call install,.venv-run,$<,120 MB)

$(EMULATES): $(EMULATED)
	@$(call install,.venv-emulator,$<,90 MB)

# $(1) the environment, $(2) the file that names what is in it, $(3) what to expect.
define install
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or later is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	"Choose another one: make PYTHON=python3.13 …"; exit 1; }; \
echo "Installing what $(2) names into $(1) ($(3)) …"; \
$(PYTHON) -m venv --clear $(1) && \
$(1)/bin/python -m pip install -qq --disable-pip-version-check --no-compile --require-hashes -r $(2) && \
touch $(1)/.installed
endef

run: $(RUNS) ## Start the whole system on this machine (PORT=8080)
	@PORT="$(PORT)" exec .venv-run/bin/python -m infra.local

listen: $(RUNS) ## Print the events of a partner in the sandbox, as webhooks bring them (CLIENT_ID=acme CLIENT_SECRET=…)
	@API="$(API)" CLIENT_ID="$(CLIENT_ID)" CLIENT_SECRET="$(CLIENT_SECRET)" exec .venv-run/bin/python -m infra.receiver.listen

listen: CLIENT_ID ?= acme
listen: CLIENT_SECRET ?= $(CLIENT_ID)-secret
listen: API ?= http://127.0.0.1:$(PORT)

check-receiver: $(RUNS) ## Send your own receiver what it must accept and refuse (URL= SECRET=)
	@SECRET="$(SECRET)" BASIC_AUTH="$(BASIC_AUTH)" .venv-run/bin/python -m infra.receiver.check "$(URL)"

smoke: $(RUNS) ## Run one order of each type in a running stage (URL= CLIENT_ID= CLIENT_SECRET=)
	@CLIENT_ID="$(CLIENT_ID)" CLIENT_SECRET="$(CLIENT_SECRET)" RECEIVER="$(RECEIVER)" \
		.venv-run/bin/python -m infra.smoke "$(URL)"

test: $(INSTALLED) $(EMULATES) $(STORE) $(CLIENTS) $(BROWSER) ## Run all tests (ARGS="-k name" for some)
	@$(BIN)/pytest -n auto $(ARGS)

# Amazon's DynamoDB Local, for the tests of races. Its package-lock.json leaves out what the package depends on beside
# the jar, which is all that is used; so change the version there by hand.
$(STORE): tests/races/package.json tests/races/package-lock.json | $(INSTALLED)
	@$(call install-packages,build/dynamodb-local)

# Spectral, which checks the API's description, and the HAL client of docs/clients.md.
$(CLIENTS): tests/clients/package.json tests/clients/package-lock.json | $(INSTALLED)
	@$(call install-packages,build/clients)

# $(1) where the packages of the two files go.
define install-packages
mkdir -p $(1) && cp $^ $(1) && \
npm ci --prefix $(1) --loglevel=error --no-audit --no-fund --ignore-scripts && \
touch $@
endef

$(CONSOLE): infra/console/package.json infra/console/package-lock.json | $(INSTALLED)
	@npm ci --prefix infra/console --loglevel=error --no-audit --no-fund --ignore-scripts
	@touch $@

# The browser of the console's tests comes with its libraries and a font in a package, and is unpacked here.
$(BROWSER): infra/console/browser.mjs $(CONSOLE)
	@node infra/console/browser.mjs $(CURDIR)/build/chromium
	@touch $@

# Its types and style, and that what is checked in is what the sources make.
$(CHECKED): $(CONSOLE) infra/console/tsconfig.json $(shell find infra/console/src infra/console/built -type f)
	@npm run --prefix infra/console --silent check
	@touch $@

console: $(CONSOLE) ## Build the console, whose built files are checked in
	@npm run --prefix infra/console --silent build

screenshots: $(INSTALLED) $(BROWSER) ## Take the pictures of docs/console.md anew
	@$(BIN)/python -m tests.console.screenshots

$(DESCRIBED): docs/openapi.yaml .spectral.yaml $(CLIENTS)
	@build/clients/node_modules/.bin/spectral lint --fail-severity=warn --quiet docs/openapi.yaml
	@touch $@

fuzz: $(INSTALLED) ## Send the sandbox what the description allows, and what it does not (MINUTES=10)
	@$(BIN)/python -m tests.fuzz --max-time $$(($(MINUTES) * 60)) $(ARGS)

faults: $(INSTALLED) ## Let every call and message of every request, order, report and delivery go wrong, one by one (half an hour)
	@$(BIN)/python -m tests.faults $(ARGS)

load: $(INSTALLED) $(STORE) ## Let 50 partners order while one floods (DURATION=90 PARTNERS=50 PROCESSES=, ARGS=--write for the docs)
	@$(BIN)/python -m tests.load $(call option,duration,DURATION) $(call option,partners,PARTNERS) \
		$(call option,processes,PROCESSES) $(ARGS)

simulate: $(INSTALLED) ## Let months pass in simulated worlds where anything may go wrong (SEEDS=1..200)
	@$(BIN)/python -m tests.simulation "$(SEEDS)" $(ARGS)

mutants: $(INSTALLED) $(MUTATES) ## Change the code in small ways, one by one, and see whether the tests notice (ARGS="--sample 600"; half an hour)
	@PYTHONPATH=$(dir $(MUTATES)) $(BIN)/python -m tests.mutants $(ARGS)

# Beside .venv, which all the tests share, and need none of it.
$(MUTATES): tests/mutants/requirements.lock | $(INSTALLED)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --upgrade --no-deps --require-hashes \
		--target $(dir $@) -r $<
	@touch $@

bench: $(INSTALLED) ## Measure each door beside boto3 alone, and write docs/performance.md anew (ten minutes)
	@$(BIN)/python -m tests.benchmark $(ARGS)

imports: $(INSTALLED) ## Measure what each function needs to start (ARGS="--against ../other-checkout")
	@$(BIN)/python -m tests.imports $(ARGS)

lint: $(INSTALLED) $(DESCRIBED) $(CHECKED) ## Check style, types, imports, sizes, the console and the API's description
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy --strict functions infra tests
	@$(BIN)/lint-imports
	@$(BIN)/python .ci/sizes.py

format: $(INSTALLED) $(CONSOLE) ## Format the code
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix
	@npm run --prefix infra/console --silent format

lock: ## Choose and record the versions of all dependencies (UPGRADE=1 for the newest); needs uv
	@$(UV) pip compile $(LOCK) --group dev -o requirements.lock pyproject.toml
	@$(UV) pip compile $(LOCK) --constraint requirements.lock --group local -o requirements-run.lock pyproject.toml
	@$(UV) pip compile $(LOCK) --constraint requirements.lock -o functions/requirements.lock pyproject.toml
	@$(UV) pip compile $(LOCK) --constraint functions/requirements.lock --group emulator -o $(EMULATED) pyproject.toml
	@$(UV) pip compile $(LOCK) --no-deps --group mutants -o tests/mutants/requirements.lock

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(if $(UPGRADE),--upgrade)

synth: $(INSTALLED) ## Write the CloudFormation templates of a stage to cdk.out (STAGE=dev)
	@rm -rf cdk.out/$(STAGE)
	@$(BIN)/python -m infra.app $(STAGE) cdk.out/$(STAGE)

.PHONY: check-stage bootstrap diff destroy imports
check-stage: $(INSTALLED) ## Write the templates of a stage to cdk.out, and stop if cdk-nag or cfn-lint finds something (STAGE=dev)
	@rm -rf $(OUT)
	@$(BIN)/python -m infra.check "$(STAGE)" $(OUT)

bootstrap: $(INSTALLED) $(CLI) ## Prepare the account and region of the environment for the CDK, once
	@$(CDK) bootstrap -c stage=$(STAGE) -o $(OUT) $(ARGS)

deploy: check-stage $(CLI) ## Deploy a stage to the AWS account of the environment (STAGE=dev); asks nothing where CI is set
	@$(BIN)/python -m infra.quotas "$(STAGE)"
	@$(CDK) deploy $(STACKS) --app $(OUT) --import-existing-resources $(if $(CI),--require-approval never) $(ARGS)

diff: check-stage $(CLI) ## Show what a deployment would change (STAGE=dev)
	@$(CDK) diff $(STACKS) --app $(OUT) $(ARGS)

destroy: $(INSTALLED) $(CLI) ## Remove a stage, but for the data that it keeps (STAGE=dev); CONFIRM=dev answers its question
	@CONFIRM="$(CONFIRM)" $(BIN)/python -m infra.removal "$(STAGE)"
	@$(CDK) destroy $(STACKS) --force -c stage=$(STAGE) -o $(OUT) $(ARGS)

OUT = cdk.out/$(STAGE)

emulate: $(INSTALLED) $(EMULATES) ## Deploy a stage into an emulator of AWS on this machine, to look at (STAGE=dev)
	@exec $(BIN)/python -m tests.emulator "$(STAGE)"

add-partner: $(INSTALLED) ## Let a partner in (STAGE= PARTNER= TIER= SCOPES= CLIENT_ID=)
	@$(OPERATOR) partner add $(FOR) $(call option,tier,TIER) $(call option,scopes,SCOPES) $(call option,client-id,CLIENT_ID)

show-partner: $(INSTALLED) ## Show a partner's clients, and what is open (STAGE= PARTNER=)
	@$(OPERATOR) partner show $(FOR)

rotate-partner: $(INSTALLED) ## Give a partner another client beside its former one (STAGE= PARTNER= HOURS=24 REPLACES= CLIENT_ID=)
	@$(OPERATOR) partner rotate $(FOR) $(call option,hours,HOURS) $(call option,replaces,REPLACES) \
		$(call option,client-id,CLIENT_ID)

move-partner: $(INSTALLED) ## Move a partner to another tier (STAGE= PARTNER= TIER=)
	@$(OPERATOR) partner move $(FOR) --tier "$(TIER)"

disable-partner: $(INSTALLED) ## Refuse a partner's tokens, or one client's for ever (STAGE= PARTNER= CLIENT_ID=)
	@$(OPERATOR) partner disable $(FOR) $(call option,client-id,CLIENT_ID)

enable-partner: $(INSTALLED) ## Accept the tokens of a disabled partner again (STAGE= PARTNER=)
	@$(OPERATOR) partner enable $(FOR)

remove-partner: $(INSTALLED) ## Remove a disabled partner of which nothing is open (STAGE= PARTNER=)
	@$(OPERATOR) partner remove $(FOR)

load-catalog: $(INSTALLED) ## Load what a partner sells (STAGE= PARTNER= FILE=catalog.csv)
	@$(OPERATOR) catalog $(FOR) "$(FILE)"

load-sims: $(INSTALLED) ## Fill a partner's stock of SIMs (STAGE= PARTNER= FILE=sims.csv)
	@$(OPERATOR) sims $(FOR) "$(FILE)"

withdraw-catalog: $(INSTALLED) ## Withdraw a catalog and everything loaded with it (STAGE= PARTNER= NAME=Main)
	@$(OPERATOR) withdraw-catalog $(FOR) --name "$(NAME)" $(ARGS)

withdraw-sims: $(INSTALLED) ## Withdraw SIMs from a partner's stock (STAGE= PARTNER= FILE=sims.csv)
	@$(OPERATOR) withdraw-sims $(FOR) "$(FILE)"

show: $(INSTALLED) ## Show an order with everything about it, or the record with any id (STAGE= PARTNER= ID=)
	@$(OPERATOR) show $(FOR) "$(ID)" $(ARGS)

stock: $(INSTALLED) ## Count the SIMs of all partners by kind and state (STAGE= ARGS="--partner acme")
	@$(OPERATOR) stock --stage "$(STAGE)" $(ARGS)

redrive: $(INSTALLED) ## Handle again what was given up on (STAGE= ARGS="stream --dry-run")
	@$(OPERATOR) redrive --stage "$(STAGE)" $(ARGS)

repair: $(INSTALLED) ## Complete or undo an order that nothing fulfils any more (STAGE= PARTNER= ORDER= ARGS=--dry-run)
	@$(OPERATOR) repair $(FOR) "$(ORDER)" $(ARGS)

check-restore: $(INSTALLED) ## Say what is to be put right after a restore from a backup (STAGE= SINCE=2026-01-31T00:00:00Z)
	@$(OPERATOR) check-restore --stage "$(STAGE)" --since "$(SINCE)" $(ARGS)

erase: $(INSTALLED) ## Overwrite everything that is kept about a person (STAGE= PARTNER= SUBSCRIBER= ARGS=--dry-run)
	@$(OPERATOR) erase $(FOR) "$(SUBSCRIBER)" $(ARGS)

OPERATOR = $(BIN)/python -m infra.operator
FOR = --stage "$(STAGE)" --partner "$(PARTNER)"
option = $(if $($(2)),--$(1) "$($(2))")

$(CLI): infra/package.json infra/package-lock.json $(INSTALLED)
	@npm ci --prefix infra --silent --no-audit --no-fund
	@touch $@
