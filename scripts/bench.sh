#!/usr/bin/env bash
# Builds the benchmarks and runs them; the arguments are those of bench/run.py.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

scripts/setup.sh demo bench

tests=OFF
! scripts/setup.sh --check test || tests=ON
step "configure" cmake --preset release -DVALKEYXX_BUILD_TESTS=$tests -DVALKEYXX_BUILD_BENCH=ON
step "build" cmake --build --preset release -j "$jobs" --target valkeyxx_bench
exec python3 bench/run.py "$@"
