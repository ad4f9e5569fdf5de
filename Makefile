# Two commands: `make run` and `make test`. A fresh machine needs Python >= 3.11 and make.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help
help: ## Show what can be done here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-15s %s\n", $$1, $$2}'

.PHONY: run
run: $(RUN_STAMP) ## Start the portal: database, demo content, production server
	@$(BIN)/python -m portal.serve

.PHONY: dev
dev: $(DEV_STAMP) ## Start the development server (DEBUG on, reloads itself)
	@DEBUG=1 $(BIN)/python manage.py migrate --noinput -v 0
	@DEBUG=1 $(BIN)/python manage.py first_run
	@DEBUG=1 $(BIN)/python manage.py runserver "$${BIND:-127.0.0.1}:$${PORT:-8000}"

.PHONY: test
test: $(DEV_STAMP) ## Run the whole suite on SQLite and PostgreSQL, with the browser where present
	@$(BIN)/python -m tests.run

.PHONY: lint
lint: $(DEV_STAMP) ## Check format, lint, templates, migrations, deployment settings
	@$(BIN)/python -m tests.lint

.PHONY: bench
bench: $(DEV_STAMP) ## Measure pages, beacon, sanitiser and visit figures beside references: ARGS="--json FILE --markdown FILE", var/bench.json by itself
	@$(BIN)/python -m bench $(ARGS)

.PHONY: drill
drill: $(DEV_STAMP) ## Break things on purpose and see every promise kept: ARGS="--engines sqlite --only saves"
	@$(BIN)/python -m bench.drill $(ARGS)

.PHONY: defences
defences: $(DEV_STAMP) ## Take each defence out of a copy and see its test fail: ARGS="sanitiser lockout"
	@$(BIN)/python -m tests.defences $(ARGS)

.PHONY: drill-pages
drill-pages: $(DEV_STAMP) ## 200 readers for a minute while an editor publishes every second
	@PAGES_DRILL_SECONDS=60 $(BIN)/python -m pytest -q -s tests/journeys/test_publishing_under_load.py

.PHONY: drill-visits
drill-visits: $(DEV_STAMP) ## 1,000,000 visits, 20 workers and 20 drainers killed, forgers: N=1000000 ARGS="--engines sqlite"
	@$(BIN)/python -m bench.drill_visits $(if $(N),--hits $(N)) $(ARGS)
	@VISITS_ORACLE_HITS=$(or $(N),1000000) $(BIN)/python -m pytest -q tests/stats/test_oracle.py

.PHONY: bench-search
bench-search: $(DEV_STAMP) ## Measure search on both engines: N=100000 CORPUS=FILE ARGS="--json FILE"
	@$(BIN)/python -m bench.search $(if $(N),--articles $(N)) $(if $(CORPUS),--corpus $(CORPUS)) $(ARGS)

.PHONY: bench-phone
bench-phone: $(DEV_STAMP) ## Weigh pages and read them on a slow phone (needs Chromium): ARGS="URL --json FILE"
	@$(BIN)/python -m bench.phone $(ARGS)

.PHONY: lighthouse
lighthouse: $(DEV_STAMP) ## Let Lighthouse judge four pages (needs Node, npx, Chromium): ARGS="URL --times N"
	@$(BIN)/python -m bench.lighthouse $(ARGS)

.PHONY: lock
lock: ## Refresh requirements*.txt (needs uv; the files hold hashes and no address)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements-dev.txt

.PHONY: messages
messages: ## Compile the Vietnamese catalogue (needs msgfmt)
	msgfmt --check -o portal/locale/vi/LC_MESSAGES/django.mo portal/locale/vi/LC_MESSAGES/django.po
	msgfmt --check -o portal/locale/vi/LC_MESSAGES/djangojs.mo portal/locale/vi/LC_MESSAGES/djangojs.po

# The development set contains the run-time set, so either stamp serves `run`.
$(RUN_STAMP): requirements.txt
	@$(if $(wildcard $(DEV_STAMP)),$(MAKE) --no-print-directory $(DEV_STAMP) && touch $@,$(call install,requirements.txt,$@))

$(DEV_STAMP): requirements-dev.txt requirements.txt
	@$(call install,requirements-dev.txt,$@)

define install
	test -w . || { echo 'Thư mục này không ghi được: hãy chép sang nơi khác hoặc đổi chủ sở hữu.' >&2; exit 1; }; \
	test -n "$(PYTHON)" || { echo 'Cần Python 3.11 trở lên (Need Python 3.11 or newer).' >&2; exit 1; }; \
	echo 'Đang cài đặt các gói cần thiết vào $(VENV) ...'; \
	if command -v uv >/dev/null 2>&1; then \
		UV_PYTHON_DOWNLOADS=never uv venv -q --allow-existing --python $(PYTHON) $(VENV) && \
		VIRTUAL_ENV=$(VENV) uv pip sync -q --require-hashes $(1); \
	else \
		{ $(PYTHON) -c 'import venv, ensurepip' 2>/dev/null && $(PYTHON) -m venv $(VENV); } || \
			{ echo 'Thiếu mô-đun venv; trên Debian: apt-get install python3-venv' >&2; exit 1; }; \
		$(BIN)/python -m pip install -q --disable-pip-version-check --no-input --require-hashes -r $(1); \
	fi || { echo 'Cài đặt không xong; kiểm tra kết nối mạng rồi chạy lại.' >&2; exit 1; }; \
	touch $(2)
endef
