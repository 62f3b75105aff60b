#!/usr/bin/env bash
# Runs clang-tidy on the files of src/ that changed since they last passed.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

scripts/setup.sh demo test
step "tsan: configure" cmake --preset tsan -DVALKEYXX_BUILD_TESTS=ON
exec python3 scripts/tidy.py build/tsan
