#!/usr/bin/env bash
# Everything that must hold before a change lands; `make test` and CI run this and nothing else.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

# Sanitizers of this age need their shadow memory where kernels with more than 28 bits of randomness may put the program.
fixed_addresses=(setarch "$(uname -m)" -R)
"${fixed_addresses[@]}" true 2>/dev/null || fixed_addresses=()

# Unit tests compute, all others mostly wait for servers.
tests() {
    local preset=$1
    shift
    show='tests passed' step "$preset: unit" "$@" ctest --test-dir "build/$preset" -L unit -j "$jobs" \
        --output-on-failure --no-tests=error
    show='tests passed' step "$preset: others" "$@" ctest --test-dir "build/$preset" -LE unit -j "$((2 * jobs))" \
        --output-on-failure --no-tests=error
}

build() {
    local preset=$1
    shift
    step "$preset: configure" cmake --preset "$preset" -DVALKEYXX_BUILD_TESTS=ON "$@"
    step "$preset: build" cmake --build --preset "$preset" -j "$jobs"
}

scripts/setup.sh demo test
# Where it cannot be had, the tests of what only a newer Valkey has are skipped.
if newer=$(scripts/newer_server.sh 2>"$logs/newer-server.log"); then
    export VALKEY_NEWER_BIN_DIR=$newer
else
    echo "no newer server beside the system's: see $logs/newer-server.log"
fi
step "format" scripts/format.sh --check
step "layers" python3 tools/check_layers.py .

build release -DVALKEYXX_BUILD_BENCH=ON
tests release

export VALKEYXX_TEST_TIME_FACTOR=3
build asan -DVALKEYXX_PRECOMPILE_TESTS=ON
tests asan "${fixed_addresses[@]}"
build tsan -DVALKEYXX_PRECOMPILE_TESTS=ON
tests tsan "${fixed_addresses[@]}"

step "clang-tidy" python3 scripts/tidy.py build/tsan

printf '\n%s\nall checks passed in %d min %d s\n' "$table" "$((SECONDS / 60))" "$((SECONDS % 60))"
