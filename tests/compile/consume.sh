#!/usr/bin/env bash
# Builds and runs consumer/ the three ways users take: find_package, pkg-config, add_subdirectory.
#
#   consume.sh BUILT COMPILER     BUILT: the folder valkeyxx was built in; everything is written below it
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
consumer=$project/tests/compile/consumer
built=$1 compiler=$2 work=$1/consumer

# A file that is no longer installed must not be found from an earlier run.
rm -rf "$work/installed"
cmake --install "$built" --prefix "$work/installed" >"$work.install.log"

by_cmake() {
    local name=$1
    shift
    cmake -S "$consumer" -B "$work/$name" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_CXX_COMPILER_LAUNCHER="${VALKEYXX_COMPILER_LAUNCHER-}" "$@"
    cmake --build "$work/$name" --target consumer
    "$work/$name/consumer"
}

echo "--- find_package"
by_cmake find_package -DCMAKE_PREFIX_PATH="$work/installed"

echo "--- pkg-config"
pc=$(dirname "$(find "$work/installed" -name valkeyxx.pc)")
# xargs undoes pkg-config's quoting of blanks in paths.
mapfile -t flags < <(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs --static valkeyxx | xargs -n 1)
mkdir -p "$work/pkg_config"
"$compiler" -std=c++20 "$consumer/main.cpp" "${flags[@]}" -o "$work/pkg_config/consumer"
LD_LIBRARY_PATH=$(dirname "$pc") "$work/pkg_config/consumer"

echo "--- add_subdirectory"
by_cmake add_subdirectory -DSOURCE="$project"
