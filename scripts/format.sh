#!/usr/bin/env bash
# Rewrites the C++ sources with clang-format; with --check only tells which lines are wrong.
set -euo pipefail
# shellcheck source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

how=(-i)
[[ ${1-} != --check ]] || how=(--dry-run -Werror)
cxx_sources | xargs -r -P "$jobs" -n 40 clang-format-16 "${how[@]}"
