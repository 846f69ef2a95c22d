#!/bin/sh
# run.sh FUZZER... - each fuzzer on its corpus, FUZZ_SECONDS long (20),
# two at a time
#
# The corpus t/fuzz/corpus/NAME is only read: what is found new goes to a copy.
# What is tried is the same each time, as far as it gets, unless SEED=N says
# otherwise. Ends with 1 when one of them crashed, hung or leaked; its input
# stays in build-fuzz/crashes.
set -u

here=$(dirname "$0")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
found=build-fuzz/crashes
mkdir -p "$found"

# What is shipped is no older here than it is: the configuration as it stands,
# and with all that is commented out.
seeds() {
	[ "$1" = conf ] || return 0
	shipped=$here/../../conf/policyd.conf
	cp "$shipped" "$work/seeds/conf/shipped"
	sed 's/#\([^ ]\)/ \1/' "$shipped" >"$work/seeds/conf/uncommented"
}

try() { # try FUZZER
	name=$(basename "$1")
	mkdir -p "$work/$name" "$work/seeds/$name"
	seeds "$name"
	if "$1" -seed="${SEED:-1795383420}" \
	    -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 \
	    -rss_limit_mb=1024 -artifact_prefix="$found/$name-" \
	    "$work/$name" "$here/corpus/$name" "$work/seeds/$name" \
	    >"$work/$name.log" 2>&1; then
		echo "ok $name: $(grep -a '^Done' "$work/$name.log")"
	else
		echo "not ok $name: see $found"
		tail -40 "$work/$name.log"
		touch "$work/failed"
	fi
}

while [ $# -gt 0 ]; do
	try "$1" &
	[ $# -eq 1 ] || try "$2"
	wait
	shift $(($# > 1 ? 2 : 1))
done
[ ! -e "$work/failed" ]
