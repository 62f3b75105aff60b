#!/usr/bin/env bash
# Builds the demo and runs it; exits with its exit code.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

scripts/setup.sh demo

# Tests and benchmarks need more packages than the demo. Where these are installed they stay configured, so that going
# back and forth between `make demo` and `make test` rebuilds nothing.
more=OFF
! scripts/setup.sh --check test || more=ON
step "configure" cmake --preset release -DVALKEYXX_BUILD_TESTS=$more -DVALKEYXX_BUILD_BENCH=$more
step "build" cmake --build --preset release -j "$jobs" --target valkeyxx_demo valkeyxx_cli

code=0
build/release/bin/valkeyxx_demo "$@" </dev/null || code=$?
if ((code == 0)); then
    echo "make demo: passed in $SECONDS s, set-up and build included"
else
    echo "make demo: FAILED with exit code $code after $SECONDS s"
fi
exit "$code"
