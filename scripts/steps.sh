# Steps with a name, a log and a time; sourced by the other scripts, which then stand in the project's folder.
# shellcheck shell=bash disable=SC2034

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
logs=build/logs
mkdir -p "$logs"
jobs=${JOBS:-$(nproc)}
table=

if command -v ccache >/dev/null; then
    export VALKEYXX_COMPILER_LAUNCHER=${VALKEYXX_COMPILER_LAUNCHER-ccache}
    # A clone in another folder finds the objects of the first one.
    export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi

# step NAME COMMAND...: runs the command with its output in a log; a failure ends the script. With `show=TEXT` in front,
# a success shows the log from the first line that holds the text.
step() {
    local name=$1 log=$logs/${1//: /-}.log from=$EPOCHREALTIME line
    shift
    printf '%-20s ' "$name"
    if "$@" >"$log" 2>&1 </dev/null; then
        line=$(seconds_since "$from")
        printf '%8s s\n' "$line"
        [[ -z ${show-} ]] || sed -n "/$show/,\$p" "$log"
        table+=$(printf '  %-20s %8s s' "$name" "$line")$'\n'
    else
        printf '%8s s  FAILED\n' "$(seconds_since "$from")"
        tail -n 100 "$log"
        printf '\nFAILED: step "%s" after %d s in all; its log: %s\n' "$name" "$SECONDS" "$log"
        exit 1
    fi
}

seconds_since() { awk -v from="${1/,/.}" -v to="${EPOCHREALTIME/,/.}" 'BEGIN {printf "%.1f", to - from}'; }

# The C++ files of the project, new ones included, deleted ones left out.
cxx_sources() {
    git ls-files --cached --others --exclude-standard '*.cpp' '*.hpp' | while read -r file; do
        [[ ! -f $file ]] || echo "$file"
    done
}
