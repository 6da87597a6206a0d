# The words of this project; `make help` lists them. The build itself is CMake's: see CMakePresets.json.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
SOAK_SECONDS ?= 600
FUZZ_SECONDS ?= 60
SECONDS ?= 600
sources = $$(git ls-files '*.cc' '*.h' '*.c' | grep -v '^include/\|^bindings/go/redislite')

.DEFAULT_GOAL := help
.PHONY: help run run-server test fast soak crash bench fuzz format tidy install setup clean count

help: ## list these words
	@echo "make run and make test do all the set-up on a bare Debian 12 (root or sudo). The words:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: ## set up, build, load the Debian package index, kill it half-way, recover, query
	@tools/setup build run
	@cmake --preset release
	@cmake --build build/release --parallel $(JOBS) --target product
	@tools/demo

run-server: ## set up, build, serve ./data to clients of Redis on port 6379 (SERVER_OPTIONS="--port 7000 ...")
	@tools/setup build
	@cmake --preset release
	@cmake --build build/release --parallel $(JOBS) --target redislite-server
	@exec build/release/apps/server/redislite-server ./data $(SERVER_OPTIONS)

test: ## set up, then every test with sanitizers, both compilers, the installed library, the house rules
	@tools/setup build test
	@tools/test

fast: ## the unit tests, in under a minute when little has changed
	@tools/setup build
	@mkdir -p build && cmake --preset dev >build/dev.log 2>&1 || { cat build/dev.log; exit 1; }
	@cmake --build build/dev --parallel $(JOBS)
	@ctest --test-dir build/dev --parallel $(JOBS) -L unit -LE 'slow|soak' --output-on-failure --progress

soak: ## the long tests, SOAK_SECONDS each (600)
	@tools/setup build test
	@cmake --preset release
	@cmake --build build/release --parallel $(JOBS)
	@REDISLITE_SOAK_SECONDS=$(SOAK_SECONDS) ctest --test-dir build/release -L soak --output-on-failure --timeout 86400

bench: ## beside LMDB, SQLite, RocksDB, LevelDB, Tkrzw and hash maps, into bench/results (QUICK=1: shorter)
	@tools/setup build bench
	@bench/run

crash: ## power cuts at every operation of new runs, for SECONDS (600), on all processors
	@tools/setup build test
	@cmake --preset release
	@cmake --build build/release --parallel $(JOBS) --target crash_explorer
	@build/release/tests/crash/crash_explorer --seed=$$(date +%s) --seconds=$(SECONDS) --threads=$(JOBS)

fuzz: ## the fuzzers, FUZZ_SECONDS each (60); what they find stays in build/fuzz/tests/fuzz
	@tools/setup build test
	@cmake --preset fuzz
	@cmake --build build/fuzz --parallel $(JOBS) --target fuzzers
	@for name in $$(ls tests/fuzz/corpus); do \
	  tests/fuzz/run build/fuzz/tests/fuzz/fuzz_$$name $$name $(FUZZ_SECONDS) || failed=1; done; [ -z "$$failed" ]

count: ## raise the least number of tests to that of the last make test
	@cp build/test_count tests/expected_count && cat tests/expected_count

format: ## write the sources as .clang-format says
	@tools/setup test
	@clang-format-14 -i $(sources)

tidy: ## the house rules and clang-tidy
	@tools/setup build test
	@tools/tidy
	@cmake --preset clang
	@ctest --test-dir build/clang -L lint --output-on-failure

install: ## the library, its header, redislite-cli and redislite-server, into PREFIX (/usr/local)
	@tools/setup build
	@cmake --preset release
	@cmake --build build/release --parallel $(JOBS) --target product
	@cmake --install build/release --prefix "$(PREFIX)"
	@if [ "$$(id -u)" = 0 ] && [ -z "$$DESTDIR" ]; then ldconfig; fi

setup: ## install what the other words need, and nothing else
	@tools/setup

clean: ## remove what was built
	@rm -rf build
