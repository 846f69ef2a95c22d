#!/bin/sh
#
# packages - installs the Debian packages that are missing
#
#   t/packages.sh build    to build and run policyd: `make run`
#   t/packages.sh          to test it too: `make check`
#
# Silent when nothing is missing. Installs as root or through sudo; whoever
# may do neither is told the one command. No service is started, and none that
# comes along (redis-server, postfix, saslauthd, dovecot) will start at the next
# boot.

set -eu

BUILD="gcc libc6-dev make pkg-config libuv1-dev libhiredis-dev libc-ares-dev
libspf2-dev libidn2-dev libpsl-dev libconfuse-dev libjansson-dev
libmicrohttpd-dev libcurl4-openssl-dev ca-certificates publicsuffix uthash-dev
redis-server"
TEST="libcmocka-dev liblua5.1-0-dev perl python3 postfix openssl sasl2-bin
libsasl2-modules dovecot-core dovecot-imapd dovecot-sieve curl redis-tools
mandoc python3-spf clang clang-format valgrind libc6-dbg cppcheck shellcheck"

# Sanitizers of clang are a package with clang's version in its name.
clang_runtime() {
	apt-cache depends clang 2>/dev/null |
	    sed -n 's/.*Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
}

wanted() {
	echo "$BUILD"
	[ "$what" = build ] || { echo "$TEST"; clang_runtime; }
}

# What of "$@" is not installed, on one line.
missing() {
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
	    awk -v all="$*" '
	    $2 == "installed" { have[$1] = 1 }
	    END {
		n = split(all, want)
		for (i = 1; i <= n; i++)
			if (!(want[i] in have))
				printf "%s%s", some++ ? " " : "", want[i]
	    }'
}

# While it stands, packages start no service (invoke-rc.d(8)). Should we be
# killed before it is gone, it no longer objects to anything.
hold_services() {
	policy=/usr/sbin/policy-rc.d
	[ ! -e $policy ] || return 0 # the administrator's own
	trap 'rm -f $policy' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nkill -0 %s 2>/dev/null && exit 101\nexit 0\n' $$ \
	    >$policy
	chmod 755 $policy
}

install_missing() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get -qq update
	# shellcheck disable=SC2046 # a list of names
	need=$(missing $(wanted)) # clang's version is known only now
	hold_services
	case " $need " in
	*" postfix "*)
		echo "postfix postfix/main_mailer_type select No configuration" |
		    debconf-set-selections ;;
	esac
	# shellcheck disable=SC2086 # a list of names
	apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install $need
	for service in redis-server postfix sasl2-bin:saslauthd \
	    dovecot-core:dovecot; do
		case " $need " in
		*" ${service%:*} "*) update-rc.d "${service#*:}" disable ;;
		esac
	done
}

what=${1:-test}
case $what in
build | test) ;;
*) echo "usage: $0 [build | test]" >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null; then
	# Not Debian: whoever builds here knows the names of these packages.
	exit 0
fi
# shellcheck disable=SC2046 # a list of names
need=$(missing $(wanted))
[ -n "$need" ] || exit 0

if [ "$(id -u)" = 0 ]; then
	echo "Installing what is missing: $need"
	install_missing </dev/null
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }
then
	echo "Installing, through sudo, what is missing: $need"
	exec sudo sh "$0" "$what"
else
	echo "Missing: $need"
	echo "To install it, run as root:  sh $(cd "$(dirname "$0")" && pwd)/packages.sh $what"
	exit 1
fi >&2
