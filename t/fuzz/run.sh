#!/bin/sh
# run.sh FUZZER... - each fuzzer on its corpus, FUZZ_SECONDS long (20)
#
# The corpus t/fuzz/corpus/NAME is only read: what is found new goes to a copy.
# Ends with 1 when one of them crashed, hung or leaked; its input stays in
# build-fuzz/crashes.
set -u

here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
found=build-fuzz/crashes
mkdir -p "$found"
failed=0

for fuzzer; do
	name=$(basename "$fuzzer")
	mkdir -p "$work/$name"
	if "$fuzzer" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 \
	    -rss_limit_mb=1024 -artifact_prefix="$found/$name-" \
	    "$work/$name" "$here/corpus/$name" >"$work/$name.log" 2>&1; then
		echo "ok $name: $(grep -a '^Done' "$work/$name.log")"
	else
		echo "not ok $name: see $found"
		tail -40 "$work/$name.log"
		failed=1
	fi
done
exit $failed
