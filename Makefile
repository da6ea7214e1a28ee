# One command each; `make help` lists them. Everything is installed into $(VENV), nothing elsewhere.
VENV ?= .venv
# The peers of the benchmarks want versions of their own.
BENCH_VENV ?= .venv-bench
PYTHON ?= python3
BIN := $(VENV)/bin
OUT ?= runs/demo
SEED ?= 1
CASES ?= 100000
SECONDS ?= 60
# The newest Clang of this machine; naming another one: CLANGXX=path.
CLANGXX ?= $(shell command -v clang++ || ls /usr/bin/clang++-* 2>/dev/null | sort -V | tail -1)
# Fails where that Clang, or its library for the sanitizers in $(1), is missing.
CLANG_MAKES = printf 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char *, unsigned long) { return 0; }\n%s' '$(2)' \
  | $(if $(CLANGXX),$(CLANGXX),false) -x c++ -fsanitize=$(1) - -o /dev/null 2>/dev/null
CLANG_WANTED := Clang with its sanitizers is needed (Debian: clang-14 and libclang-rt-14-dev), or CLANGXX=path
# One BLAS thread: float training is repeatable on one machine only with a fixed number of threads.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help install demo test lint tla tla-deep vectors conformance native-testee mutation differential release-vectors simulate bench hierarchy sanitize sanitize-testee sanitize-integers fuzz libfuzzer timing neon clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/bcfl: pyproject.toml CMakeLists.txt $(shell git ls-files cpp 2>/dev/null)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	@touch $(BIN)/bcfl

install: $(BIN)/bcfl ## make .venv with the package (native core if there is a C++ compiler) and its tools

demo: $(BIN)/bcfl ## run a whole task on real data, then verify its ledger
	$(BIN)/bcfl run examples/demo.toml --out $(OUT)
	$(BIN)/bcfl verify $(OUT)

test: $(BIN)/bcfl ## every test (under ten minutes on two cores)
	$(BIN)/python -m pytest -n 2 -q
	$(BIN)/bcfl spec check

lint: $(BIN)/bcfl ## formatting, ruff, mypy --strict, clang-format
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run --Werror $$(git ls-files 'cpp/*.cpp' 'cpp/*.h' 'cpp/*.c' 'conformance/*.cpp' 'conformance/*.h')

tla: $(BIN)/bcfl ## check the formal models with TLC
	$(BIN)/bcfl spec check

tla-deep: $(BIN)/bcfl ## check them within larger bounds, many minutes
	$(BIN)/bcfl spec check --deep

vectors: $(BIN)/bcfl ## write every conformance vector from the reference
	$(BIN)/bcfl conformance generate

conformance: $(BIN)/bcfl ## run the suite against reference, compiled module and C++ program; trace every clause
	$(BIN)/bcfl conformance run --testee conformance/testees/reference
	$(BIN)/bcfl conformance run --testee conformance/testees/module --optional
	if command -v c++ > /dev/null || command -v g++ > /dev/null; then $(MAKE) native-testee; fi
	$(BIN)/bcfl conformance run --testee conformance/testees/native --optional
	$(BIN)/bcfl spec trace

native-testee: $(BIN)/bcfl ## build the C++ program that answers the vectors through the C interface
	$(BIN)/cmake -S conformance/testees/native -B build/native-testee
	$(BIN)/cmake --build build/native-testee --parallel 2

mutation: $(BIN)/bcfl ## how many small changes of the reference the vectors notice; writes conformance/MUTATION.md
	PYTHONPATH=conformance $(BIN)/python -m bcfl_mutation --page conformance/MUTATION.md

differential: $(BIN)/bcfl native-testee ## ask reference, both native testees and JavaScript the same random questions (SEED=, CASES=)
	PYTHONPATH=conformance $(BIN)/python -m bcfl_conformance.differential --optional --seed $(SEED) --cases $(CASES) \
	  --testee testees/reference --testee testees/module --testee testees/native --testee testees/javascript

release-vectors: $(BIN)/bcfl ## conformance/ and spec/ as one deterministic archive in dist/, with its SHA-256
	PYTHONPATH=conformance $(BIN)/python -m bcfl_conformance.release --out dist

simulate: $(BIN)/bcfl ## 1000 worlds of consensus under faults
	$(BIN)/bcfl simulate --seeds 1000

bench: ## speed of the kernels beside their peers, into docs/performance.md (in $(BENCH_VENV), two minutes)
	test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check '.[bench]'
	$(BENCH_VENV)/bin/python -m pytest -c benchmarks/pytest.ini benchmarks
	$(BENCH_VENV)/bin/python benchmarks/report.py

hierarchy: ## bytes and time per participant of 100 to 100 000, into docs/ (in $(BENCH_VENV), two minutes)
	test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check '.[bench]'
	$(BENCH_VENV)/bin/python benchmarks/hierarchy.py --out docs/hierarchy.json --plot docs/pictures/hierarchy.png

sanitize: $(BIN)/bcfl ## the C++ tests, and the vectors of the kernels, under the sanitizers
	$(BIN)/cmake --preset sanitize
	$(BIN)/cmake --build --preset sanitize
	$(BIN)/ctest --preset sanitize
	$(BIN)/cmake --preset threads
	$(BIN)/cmake --build --preset threads
	$(BIN)/ctest --preset threads
	$(BIN)/cmake --preset sanitize-module -Dpybind11_DIR="$$($(BIN)/pybind11-config --cmakedir)" \
	  -DPython_EXECUTABLE="$(abspath $(BIN))/python"
	$(BIN)/cmake --build --preset sanitize-module
	LD_PRELOAD="$$(cc -print-file-name=libasan.so) $$(c++ -print-file-name=libstdc++.so)" ASAN_OPTIONS=detect_leaks=0 \
	  $(BIN)/python cpp/tests/vectors.py build/sanitize-module
	$(MAKE) sanitize-testee SANITIZERS=address,undefined
	$(MAKE) sanitize-testee SANITIZERS=thread
	if $(call CLANG_MAKES,undefined,int main() {}); then $(MAKE) sanitize-integers; \
	  else echo 'left out: numbers that wrap or lose bits. $(CLANG_WANTED)'; fi

# The C++ tests, ended by Clang where a number wraps or loses bits and is not meant to (cpp/cmake/wrapping.txt).
sanitize-integers: $(BIN)/bcfl
	$(BIN)/cmake --preset integers -DCMAKE_CXX_COMPILER=$(CLANGXX) -DCMAKE_C_COMPILER=$(subst clang++,clang,$(CLANGXX))
	$(BIN)/cmake --build --preset integers
	$(BIN)/ctest --preset integers

# Copies that GCC makes of its own are not seen by the thread sanitizer; those of the C library are.
SEEN_thread := -fno-builtin -include string.h -D__builtin_memcpy=memcpy -D__builtin_memset=memset
# The vectors of the core, answered by the C++ program in three threads that share even the smallest inputs.
sanitize-testee: $(BIN)/bcfl
	$(BIN)/cmake -S conformance/testees/native -B build/testee-$(SANITIZERS) -DCMAKE_BUILD_TYPE=RelWithDebInfo \
	  -DBCFL_SMALL_PARTS=ON \
	  -DCMAKE_CXX_FLAGS="-fsanitize=$(SANITIZERS) -fno-sanitize-recover=all -fno-sanitize=alignment $(SEEN_$(SANITIZERS))"
	$(BIN)/cmake --build build/testee-$(SANITIZERS) --parallel 2
	for variant in portable best; do \
	  TSAN_OPTIONS=halt_on_error=1 $(BIN)/bcfl conformance run --quiet \
	    --testee "$(abspath build)/testee-$(SANITIZERS)/bcfl_testee $$variant 3" || exit 1; \
	done

fuzz: $(BIN)/bcfl ## every fuzzer for SECONDS seconds each, then the decoders of the reference
	$(BIN)/cmake --preset fuzz
	$(BIN)/cmake --build --preset fuzz
	for target in $$(ls cpp/fuzz/corpus); do \
	  mkdir -p build/fuzz/found/$$target; \
	  build/fuzz/cpp/fuzz/fuzz_$$target -max_total_time=$(SECONDS) build/fuzz/found/$$target cpp/fuzz/corpus/$$target \
	    || exit 1; \
	done
	PYTHONPATH=tests:conformance $(BIN)/python -m native.decoders --seconds $(SECONDS)

libfuzzer: $(BIN)/bcfl ## every fuzzer with Clang's engine for SECONDS seconds (CLANGXX=); finds go to build/libfuzzer/found
	@$(call CLANG_MAKES,fuzzer) || { echo '$(CLANG_WANTED)' >&2; exit 2; }
	$(BIN)/cmake --preset libfuzzer -DCMAKE_CXX_COMPILER=$(CLANGXX)
	$(BIN)/cmake --build --preset libfuzzer --parallel 2
	for target in $$(ls cpp/fuzz/corpus); do \
	  mkdir -p build/libfuzzer/found/$$target; \
	  build/libfuzzer/cpp/fuzz/fuzz_$$target -max_total_time=$(SECONDS) -max_len=600 \
	    -artifact_prefix=build/libfuzzer/found/$$target- build/libfuzzer/found/$$target cpp/fuzz/corpus/$$target \
	    || exit 1; \
	done

timing: $(BIN)/bcfl ## Welch's t of the time with fixed and with random secrets (below 4.5 shows nothing)
	$(BIN)/cmake -S . -B build/timing -DCMAKE_BUILD_TYPE=Release -DBCFL_BUILD_CONSTANT_TIME=ON
	$(BIN)/cmake --build build/timing
	for variant in portable avx2 avx512; do \
	  for case in $$(build/timing/cpp/constant_time/watched list); do \
	    build/timing/cpp/constant_time/watched $$variant $$case 100000 time || true; \
	  done; \
	done

neon: $(BIN)/bcfl ## the native core for 64-bit Arm, tested under qemu-aarch64 (needs g++-aarch64-linux-gnu)
	$(BIN)/cmake --preset aarch64
	$(BIN)/cmake --build --preset aarch64
	$(BIN)/ctest --preset aarch64

clean: ## remove what was built or run, but not the environment
	rm -rf build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
