#!/usr/bin/env bash
# Puts a newer Valkey than the system's beside it, from Debian's next release, and says in which folder it is. Nothing is
# installed: the programs run with libraries of their own.
#
#   export VALKEY_NEWER_BIN_DIR=$(scripts/newer_server.sh)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=forky
folder=$PWD/build/servers/$suite
[[ ! -x $folder/bin/valkey-server ]] || { echo "$folder/bin" && exit 0; }

# What apt knows is kept apart from the system: its lists, its cache, and what it takes for installed (nothing).
apt=$folder.new/apt
rm -rf "$folder.new"
mkdir -p "$apt"/{etc/apt.conf.d,etc/preferences.d,lists/partial,cache/archives/partial} "$folder.new"/{debs,root,bin}
touch "$apt/status"
# shellcheck disable=SC2016  # apt's variables, not the shell's
uri=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 ~ /^(bookworm|stable|oldstable)$/ {print $2; exit}')
[[ -n $uri ]] || { echo "newer_server: apt knows no mirror of bookworm" >&2 && exit 1; }
printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$uri" "$suite" \
    /usr/share/keyrings/debian-archive-keyring.gpg >"$apt/next.sources"
cat >"$apt/apt.conf" <<END
Dir::Etc "$apt/etc";
Dir::Etc::sourcelist "$apt/next.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
END
export APT_CONFIG=$apt/apt.conf

(
    apt-get update -q
    cd "$folder.new/debs"
    wanted=$(apt-cache depends --recurse --no-{recommends,suggests,conflicts,breaks,replaces,enhances} valkey-tools |
        grep -E '^(lib|valkey-tools)' | sort -u)
    for package in $wanted; do  # some of them are names of nothing but alternatives
        apt-get download -q "$package" || [[ $package != valkey-tools ]]
    done
    for deb in *.deb; do dpkg-deb -x "$deb" ../root; done
) >&2

# Of valkey-tools: the program takes its role from the name that it is called by.
for name in valkey-server valkey-sentinel valkey-cli; do
    program=usr/bin/valkey-check-rdb
    [[ $name != valkey-cli ]] || program=usr/bin/valkey-cli
    cat >"$folder.new/bin/$name" <<END
#!/bin/sh
root=$folder/root
libraries=\$(echo "\$root"/usr/lib/*-linux-gnu)
exec "\$libraries"/ld-linux-*.so.? --argv0 $name --library-path "\$libraries" "\$root/$program" "\$@"
END
    chmod +x "$folder.new/bin/$name"
done
rm -rf "$folder" "$folder.new/debs" "$apt"
mv "$folder.new" "$folder"
"$folder/bin/valkey-server" --version >&2
echo "$folder/bin"
