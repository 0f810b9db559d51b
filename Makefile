# Everything goes through one virtual environment, made anew when what it holds has changed.

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
PYTHON ?= python3
CHAT   ?=

.PHONY: run test faults check docs picture catalogue confusables technical bench bench-quick clean

run: $(STAMP)
	$(BIN)/twistd -n chat $(CHAT)

test: $(STAMP)
	$(BIN)/pytest

# What may go wrong outside: the fuzz, a full disk, the clock, no descriptors, a stopped process, a storm of clients.
faults: $(STAMP)
	$(BIN)/pytest tests/faults

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/coverage run -m pytest -q -m 'not e2e' --hypothesis-profile=few
	$(BIN)/coverage report

docs: $(STAMP)
	$(BIN)/python -m chatproto.commands.markdown > docs/commands.md

# Collects the sentences from the source, brings the catalogues up to them, and compiles these.
catalogue: $(STAMP)
	$(BIN)/pybabel extract --no-location --omit-header --sort-output -k _ -k _n:1,2 -o chatproto/locale/chatproto.pot chatproto
	$(BIN)/pybabel update --no-fuzzy-matching --ignore-pot-creation-date -D chatproto -i chatproto/locale/chatproto.pot -d chatproto/locale
	$(BIN)/python hatch_build.py

$(STAMP): pyproject.toml constraints.txt hatch_build.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -c constraints.txt --group dev -e .
	touch $@

# Make the tables of letters anew: make confusables FROM=confusables.txt, make technical FROM=IdentifierType.txt
# (tools/confusables.py and tools/technical.py say where those are).  The same file makes the same table.
confusables technical: $(STAMP)
	$(BIN)/python tools/$@.py $(FROM) > chatproto/core/$@.new
	mv chatproto/core/$@.new chatproto/core/$@.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

picture: $(STAMP)
	$(BIN)/python docs/way.py
	$(BIN)/python docs/picture.py

# Against the C servers, on a quiet machine: about 20 minutes, and docs/performance.md; or two, on the screen.
bench: $(STAMP)
	$(BIN)/python -m bench --out docs

bench-quick: $(STAMP)
	$(BIN)/python -m bench --quick
	$(BIN)/python -m bench.worst
