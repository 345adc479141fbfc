# People need Python 3.11, 3.12 or 3.13, git and make; everything else is installed into .venv.
# `make` lists what there is.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench drill drill-issuing requirements messages clips clean

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
ARGS ?=
WITHOUT ?=
# They mostly wait; next to tests that calculate they would wait too long.
APART := process or browser or long_browser
LESS = $(if $(WITHOUT), and not ($(WITHOUT)))
# Some tests may be of one kind only; pytest answers 5 when it found none.
OR_NONE = $(if $(ARGS),|| test $$? -eq 5)
TEMPLATES := $(wildcard templates */templates)
# Values of the right shape; nothing is connected to.
PRODUCTION := env PRODUCTION=1 SECRET_KEY=a-secret-of-more-than-fifty-characters-0123456789-abcdefghij \
	DATABASE_URL=sqlite://:memory: CELERY_BROKER_URL=amqp://localhost// \
	CACHE_URL=redis://localhost/0 PUBLIC_URL=https://iso.example.vn DATA_DIR=var/production \
	REGISTER_SIGNING_KEY=x

help:  ## This list
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "make %-13s %s\n", $$1, $$2 }'

demo:  ## Run the Khánh Hòa demo (PORT=8000, DATA_DIR=var, PYTHON=python3.12)
	@sh setup.sh 4
	@exec $(BIN)/python -m demo

test:  ## Run all tests (ARGS="-k certificate" for some, WITHOUT=long_browser for a kind less)
	@sh setup.sh 3 dev
	@echo "[3/3] Tests…"
	@status=0; \
	$(PYTEST) -n 2 -m "not ($(APART))$(LESS)" $(ARGS) $(OR_NONE) || status=$$?; \
	echo "Tests with processes and browsers of their own…"; \
	$(PYTEST) -n 2 --dist worksteal -m "($(APART))$(LESS)" $(ARGS) $(OR_NONE) || status=$$?; \
	exit $$status

check:  ## Check style, types, layers, templates, migrations and translations
	@sh setup.sh 3 dev
	@echo "[3/3] Checks…"
	@echo "— ruff"; $(BIN)/ruff check --quiet --output-format concise . && $(BIN)/ruff format --quiet --check .
	@echo "— mypy"; $(BIN)/mypy .
	@echo "— djlint"; $(BIN)/djlint --quiet --lint $(TEMPLATES)
	@echo "— import-linter"; $(BIN)/lint-imports --no-logo
	@echo "— migrations"; DEMO=1 $(BIN)/python manage.py makemigrations --check --dry-run
	@echo "— migration-linter"; DEMO=1 $(BIN)/python -m checks.migrations
	@echo "— settings for production"; $(PRODUCTION) $(BIN)/python manage.py check --deploy --tag security --fail-level WARNING
	@echo "— translations"; $(BIN)/python -m checks.translations
	@echo "All checks passed."

bench:  ## Measure, and keep the figures in var/bench.json (AREA=exam for one area)
	@sh setup.sh 3 dev
	@echo "[3/3] Measuring…"
	@$(BIN)/python -m bench $(AREA)

drill:  ## Rehearse the exam day on servers of its own, cutting them (PEOPLE=5111, MINUTES=10)
	@sh setup.sh 3 dev
	@echo "[3/3] Exam day…"
	@$(BIN)/python -m drill $(if $(PEOPLE),--people $(PEOPLE)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(FOLDER),--folder $(FOLDER))

drill-issuing:  ## Issue certificates while everything breaks (CERTIFICATES=1640, CUTS=no to measure)
	@sh setup.sh 3 dev
	@echo "[3/3] Issuing…"
	@$(BIN)/python -m drill.issuing $(if $(CERTIFICATES),--certificates $(CERTIFICATES)) \
		$(if $(filter no,$(CUTS)),--no-cuts) $(if $(FOLDER),--folder $(FOLDER))

requirements:  ## Maintainers: compile requirements*.txt from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -q pyproject.toml -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -q --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

messages:  ## Maintainers: refresh and compile the translations (needs gettext)
	@sh setup.sh 2 dev
	@$(BIN)/python -m checks.translations refresh

clips:  ## Maintainers: make the demo's clips anew (needs fontconfig and fonts-liberation2)
	@sh setup.sh 2
	@$(BIN)/python demo/making_clips.py

clean:  ## Remove .venv and caches; the data in var/ stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
