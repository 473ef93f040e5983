#!/usr/bin/env bash
# benchmarks/sanitized_fuzz.sh [SECONDS [LINES]]: the differential fuzz of answers, and then that of envelopes, whose lines
# the scanner reads too, with the scanner under ASan and UBSan.
# It works on a copy of the last commit, so that no other build of the scanner is touched.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git clone -q . "$copy"
cd "$copy"
flags="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1 -g"
python3 -m venv .venv
CFLAGS="$flags" LDFLAGS="$flags" .venv/bin/pip install -q -e .
# Python frees not all it holds at its end, and its own allocator would hide overruns.
export LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 PYTHONMALLOC=malloc
.venv/bin/python -m benchmarks.fuzz --seconds "${1:-600}"
.venv/bin/python -m benchmarks.fuzz_envelopes --count "${2:-100000}"
