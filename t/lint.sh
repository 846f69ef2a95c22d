#!/bin/bash
#
# lint - what a machine can see without running anything
#
# Each check prints what it is not content with; all of them are run.

set -u
cd "$(dirname "$0")/.." || exit 1

failed=0
all=$(find . \( -name .git -o -path './build*' -o -name __pycache__ \) -prune \
    -o -type f -print | sed 's|^\./||' | sort)

files() { # files REGEX: the names that it fits
	grep -E "$1" <<<"$all"
}

headed() { # headed REGEX: the files whose first line it fits
	xargs awk -v wanted="$1" 'FNR == 1 && $0 ~ wanted { print FILENAME }' \
	    <<<"$all"
}

check() { # check SENTENCE COMMAND: whatever the command prints is against it
	local out
	out=$($2 2>&1)
	[ -n "$out" ] || return
	printf 'not so: %s\n%s\n' "$1" "$out"
	failed=1
}

# A room includes its own headers and those of the rooms below.
arrows() {
	files '^(lib|policyd)/.*[.][ch]$' | xargs grep -n '^#include "[a-z]*/' |
	    awk -F'[:"]' '
	BEGIN {
		floor["base"] = 1
		floor["conf"] = 2
		floor["ask"] = 3
		floor["register"] = floor["scope"] = 4
		floor["rate"] = floor["dnsbl"] = 4
		floor["spf"] = 1.5
		floor["engine"] = 5
		floor["checks"] = floor["wire"] = floor["feed"] = floor["event"] = 6
		floor["http"] = 7
		floor["policyd"] = 8
	}
	{
		split($1, path, "/")
		split($4, header, "/")
		from = path[1] == "lib" ? path[2] : path[1]
		to = header[1]
		if (from != to && !(to in floor && floor[from] > floor[to]))
			print $1 ":" $2 ": " from " includes " $4
	}'
}

# Each library, and the only places that see it.
doors() {
	door ares '^lib/ask/'
	# of hiredis, policyctl sees what a reply looks like
	door hiredis '^lib/ask/|^policyd/policyctl_redis[.]c:'
	door uv '^lib/(ask|wire|http|event)/|^policyd/'
	door confuse '^lib/conf/'
	door jansson '^lib/(http|event)/|^policyd/'
	door curl '^lib/event/'
	door spf2 '^lib/spf/match[.]c:'
	door idn2 '^lib/base/idn[.]c:'
	door libpsl '^lib/base/suffix[.]c:'
	door microhttpd '^lib/http/(http[.]c|exchange[.][ch]):'
}

door() {
	files '^(lib|policyd)/.*[.][ch]$' |
	    xargs grep -n "^#include <$1[./]" | grep -vE "$2"
}

formatted() {
	files '[.][ch]$' | xargs clang-format --dry-run -Werror 2>&1 |
	    sed -n 's/:.*: error: .*/: run clang-format -i/p' | uniq
}

manuals() {
	files '[.][158]$' | xargs -r mandoc -Tlint -Wwarning
}

short() {
	files '^(lib|policyd)/.*[.][ch]$' | xargs wc -l |
	    awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }'
}

# In brackets, so that it does not find itself.
finished() {
	files '' | xargs grep -nIwE 'TO[D]O|FIX[M]E|XX[X]|HA[C]K'
}

# What was captured from the wire, or found by a fuzzer, is as it is.
clean() {
	files '' | grep -v '[.]req$\|^t/fuzz/.*/' |
	    xargs grep -nIE '[[:blank:]]+$| +	'
}

# Not the index: cppcheck takes the length of one caller's word for all.
sound() {
	cppcheck -q -j2 --std=c11 --enable=warning,performance --inline-suppr \
	    --suppress=arrayIndexOutOfBoundsCond \
	    --template='{file}:{line}: {message}' -Ilib -D_GNU_SOURCE \
	    lib policyd
}

scripts() {
	headed '^#!/bin/(ba)?sh|^#!/usr/bin/env bash' |
	    xargs shellcheck -e SC2016,SC2317 -f gcc
}

python() {
	{ files '[.]py$'; headed '^#!.*python3'; } | sort -u | xargs python3 -c '
import sys
for name in sys.argv[1:]:
    compile(open(name).read(), name, "exec")'
}

check "includes point downwards" arrows
check "each library has its door" doors
check "clang-format has nothing to say" formatted
check "mandoc has nothing to say" manuals
check "no file has more than 500 lines" short
check "nothing is left open" finished
check "there are no blanks that nobody sees" clean
check "cppcheck has nothing to say" sound
check "shellcheck has nothing to say" scripts
check "Python can read it" python
exit $failed
