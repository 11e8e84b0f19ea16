#!/bin/sh
# Makes .venv from a lock file: install.sh requirements.lock | requirements-dev.lock
# Does nothing when .venv already holds what the lock and pyproject.toml ask for.
set -eu
cd "$(dirname "$0")/../.."
lock=$1
venv=.venv

here=$(pwd -P)

# The checkout's own path counts: .venv leads to it by that path.
fingerprint() { { echo "$here"; cat "$1" pyproject.toml deploy/local/install.sh deploy/local/pip.lock; } | cksum; }

# The development lock holds all that running needs, in the same versions.
for have in "$lock" requirements-dev.lock; do
    stamp=$venv/.installed-$have
    if [ -x $venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$have")" ]; then
        exit 0
    fi
done

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
complete() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

python='' incomplete='' old=''
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
    if fits "$candidate"; then
        if complete "$candidate"; then python=$candidate && break; fi
        incomplete=${incomplete:-$candidate}
    elif version=$("$candidate" --version 2>/dev/null); then
        old=$version
    fi
done

if [ -z "$python" ] && [ -n "$incomplete" ]; then
    version=$("$incomplete" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "tandem: $incomplete cannot make virtual environments; install the package python$version-venv" >&2
    exit 1
elif [ -z "$python" ]; then
    echo "tandem: Python 3.11 or newer is needed${old:+, here is $old}; install python3.11 and python3.11-venv" >&2
    exit 1
fi

# Every program in .venv/bin names its interpreter by the full path, so a moved .venv is made anew.
if [ -f $venv/.checkout ] && [ "$(cat $venv/.checkout)" != "$here" ]; then rm -rf $venv; fi
if ! $venv/bin/python -m pip --version >/dev/null 2>&1; then
    echo "Making $venv with $("$python" --version)"
    rm -rf $venv
    "$python" -m venv $venv
fi

echo "Installing $(grep -c '==' "$lock") packages from $lock (the first time this takes a minute or two)"
status=$(mktemp)
trap 'rm -f "$status"' EXIT
pip="$venv/bin/python -m pip --disable-pip-version-check --no-input"
{
    # The pip that came with Python may be years old and takes twice as long; it will do where there is no newer one.
    $pip install --quiet --require-hashes -r deploy/local/pip.lock >/dev/null 2>&1 || true
    # A lock names all there is, so nothing is left to resolve; compiling afterwards makes use of every core.
    $pip install --no-deps --no-compile --require-hashes -r "$lock" || echo failed >"$status"
} | awk '
    # What lies ready in a folder is processed, what comes from an index collected.
    /^(Collecting|Processing) / { printf "\r  fetched %d", ++count; fflush() }
    /^Installing collected/ { printf "\r  fetched %d, unpacking\n", count; fflush() }'
if [ -s "$status" ]; then
    echo "tandem: the packages could not be installed; see the lines above" >&2
    exit 1
fi
$pip install --quiet --no-deps --no-build-isolation --editable .
echo "  compiling"
# What is meant for another version of Python cannot be compiled and is not needed.
$venv/bin/python -m compileall -q -j 0 $venv/lib >/dev/null 2>&1 || true
echo "$here" >$venv/.checkout
fingerprint "$lock" >"$venv/.installed-$lock"
