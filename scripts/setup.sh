#!/usr/bin/env bash
# Installs the Debian packages that a profile needs and this machine lacks; says nothing if there are none.
#
#   scripts/setup.sh demo|test|bench ...     installs what is missing
#   scripts/setup.sh --check demo ...        only looks: exit code 0 if nothing is missing
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# profiles, Debian package, and what fulfils the need wherever it came from: a command, a header, a library or a file.
needs='
demo        g++                  command  g++
demo        cmake                command  cmake
demo        ninja-build          command  ninja
demo        lld                  command  ld.lld
demo        libboost1.81-dev     header   boost/url.hpp
demo        libboost-url1.81-dev library  boost_url
demo        libssl-dev           header   openssl/ssl.h
demo        libcli11-dev         header   CLI/CLI.hpp
demo        nlohmann-json3-dev   header   nlohmann/json.hpp
demo        valkey-tools         valkey   8
test        git                  command  git
test,bench  python3              command  python3
test        ccache               command  ccache
test,bench  pkgconf              command  pkg-config
test        openssl              command  openssl
test        libgtest-dev         header   gtest/gtest.h
test        libgmock-dev         header   gmock/gmock.h
test        clang-16             command  clang++-16
test        libclang-rt-16-dev   file     /usr/lib/llvm-16/lib/clang/16*/lib/linux/libclang_rt.tsan*.a
test        clang-format-16      command  clang-format-16
test        clang-tidy-16        command  clang-tidy-16
test,bench  libbenchmark-dev     header   benchmark/benchmark.h
test,bench  libhiredis-dev       header   hiredis/hiredis.h
bench       valgrind             command  valgrind
bench       strace               command  strace
'

# The first of the patterns' files exists.
any_file() { compgen -G "$1" >/dev/null || { (($# > 1)) && shift && any_file "$@"; }; }

# A server of major version $1 or newer. Debian's valkey-tools holds it under the name valkey-check-rdb: the binary
# takes its role from the name it is called by.
valkey_is_there() {
    local version PATH=${VALKEY_BIN_DIR:+$VALKEY_BIN_DIR:}$PATH
    if command -v valkey-server >/dev/null; then
        version=$(valkey-server --version) && version=${version#*v=}
    elif command -v valkey-check-rdb >/dev/null && command -v valkey-cli >/dev/null; then
        version=$(valkey-cli --version) && version=${version#* }
    else
        return 1
    fi
    ((${version%%.*} >= $1))
}

is_fulfilled() {
    case $1 in
        command) command -v "$2" >/dev/null ;;
        header) any_file "/usr/include/$2" "/usr/local/include/$2" "/usr/include/*-linux-gnu/$2" ;;
        library) any_file "/usr/lib/lib$2.*" "/usr/lib/*-linux-gnu/lib$2.*" "/usr/lib64/lib$2.*" "/usr/local/lib/lib$2.*" ;;
        file) any_file "$2" ;;
        valkey) valkey_is_there "$2" ;;
    esac
}

missing_packages() {
    local wanted profiles package kind what
    wanted=$(IFS='|' && echo "$*")
    while read -r profiles package kind what; do
        [[ $profiles =~ (^|,)($wanted)(,|$) ]] || continue
        is_fulfilled "$kind" "$what" || echo "$package"
    done <<<"$(grep . <<<"$needs")"
}

give_up() {
    local hint=
    [[ " ${missing[*]} " != *" valkey-tools "* ]] ||
        hint=' (valkey-tools must be version 8 or newer: Debian 12 has it in bookworm-backports)'
    echo "setup: please install these packages by hand, since $1: ${missing[*]}$hint" >&2
    exit 1
}

as_root() { if ((EUID == 0)); then "$@"; else sudo "$@"; fi; }

# Without a terminal nobody can type a password.
may_become_root() {
    ((EUID == 0)) || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [[ -t 0 ]] && sudo -v; }; }; }
}

# Adds bookworm-backports from the mirror the machine already uses. It ranks below the release itself, so that only what
# the release lacks (Valkey) comes from it.
add_backports() {
    local name=bookworm-backports key=/usr/share/keyrings/debian-archive-keyring.gpg targets uri
    # shellcheck disable=SC2016  # apt's variables, not the shell's
    targets=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages') || return 1
    ! grep -q "^$name " <<<"$targets" || return 0
    uri=$(awk '$1 ~ /^(bookworm|stable|oldstable)$/ {print $2; exit}' <<<"$targets")
    [[ -n $uri ]] || { echo "apt knows no mirror of bookworm" && return 1; }
    added=/etc/apt/sources.list.d/$name.sources
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$name" "$key" |
        as_root tee "$added"
}

install_missing() {
    if [[ " ${missing[*]} " == *" valkey-tools "* ]]; then add_backports || return 1; fi
    # Some of a machine's other sources may be out of reach; whether what we need can be had, the install will tell.
    as_root apt-get update -q -o Acquire::Retries=1 -o Acquire::http::Timeout=20 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=120 "${missing[@]}" && return 0
    [[ -z $added ]] || as_root rm -f "$added"
    return 1
}

only_look=false
[[ ${1-} != --check ]] || { only_look=true && shift; }
(($# > 0)) || { echo "usage: scripts/setup.sh [--check] demo|test|bench ..." >&2 && exit 2; }

mapfile -t missing < <(missing_packages "$@")
((${#missing[@]} > 0)) || exit 0
! $only_look || exit 1

codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME-}") || codename=
{ command -v apt-get >/dev/null && [[ $codename == bookworm ]]; } ||
    give_up "this is not Debian 12 (names are those of Debian 12)"
may_become_root || give_up "there are no root rights here and sudo gives none"

log=build/logs/setup.log
added=  # the source of packages this run has added
mkdir -p build/logs
echo "setup: installing ${missing[*]}"
install_missing >"$log" 2>&1 </dev/null || give_up "apt-get could not (see $log)"
mapfile -t missing < <(missing_packages "$@")
((${#missing[@]} == 0)) || give_up "apt-get installed them and they still are not found (see $log)"
echo "setup: done in $SECONDS s"
