#!/bin/sh
# Lints the contract and compares it with the last release, offline, on the image that protoc writes.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

.venv/bin/python protos/generate.py --image "$scratch/now.binpb"
.venv/bin/buf lint "$scratch/now.binpb"
echo "buf lint: the contract keeps the rules of buf.yaml"

if release=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null); then
    git archive "$release" protos | tar -x -C "$scratch"
    .venv/bin/python "$scratch/protos/generate.py" --image "$scratch/released.binpb"
    .venv/bin/buf breaking "$scratch/now.binpb" --against "$scratch/released.binpb"
    echo "buf breaking: nothing that $release promised is broken"
else
    echo "buf breaking: there is no release tag yet, so nothing to compare with"
fi
