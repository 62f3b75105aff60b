#!/usr/bin/env bash
# Builds the benchmarks and runs them; the arguments are those of bench/run.py. With `isolation` first: that benchmark,
# and the arguments of bench/run_isolation.py.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

program=valkeyxx_bench runner=bench/run.py
if [[ ${1-} == isolation ]]; then
    program=valkeyxx_bench_isolation runner=bench/run_isolation.py
    shift
fi
scripts/setup.sh demo bench

tests=OFF
! scripts/setup.sh --check test || tests=ON
step "configure" cmake --preset release -DVALKEYXX_BUILD_TESTS=$tests -DVALKEYXX_BUILD_BENCH=ON
step "build" cmake --build --preset release -j "$jobs" --target "$program"
exec python3 "$runner" "$@"
