#!/bin/bash
#
# sandbox - a throw-away Postfix to try a policy service with
#
#   sandbox.sh start DIR POLICY [option ...] [name=value ...]
#   sandbox.sh conf  DIR name=value ...   changes main.cf and reloads
#   sandbox.sh stop  DIR                  ends what start started
#   sandbox.sh clean DIR                  the same, then removes DIR
#
# DIR is made when absent, and all is below it: configuration, queue, log
# (DIR/maillog) and delivered mail (DIR/sink/mail). POLICY is what
# check_policy_service takes (inet:127.0.0.1:10040), or "none". Options:
#
#   --stages LIST    where it is asked: client,helo,sender,recipient,data,
#                    end_of_data; "recipient" unless told
#   --dovecot FILE   Dovecot judges logins; FILE is added to its configuration
#   --each           each delivered mail is a file of its own, DIR/sink/each/.*
#   name=value       any main.cf setting; wins over those below
#
# start prints smtp=PORT, submission=PORT and sink=PORT, free ones on the
# loopback addresses; any number of sandboxes can stand side by side. The
# domains example.com and example.org are ours, every recipient exists, and all
# mail goes to an smtp-sink. Logins: alice@example.com and bob@example.org,
# password "secret". XCLIENT is allowed, so that one client can play many.
# Needs root, as Postfix does.

set -u
PATH=$PATH:/usr/sbin:/sbin

die() {
	echo "sandbox.sh: $*" >&2
	exit 1
}

usage() {
	sed -n '5,8s/^# *//p' "$0" >&2
	exit 2
}

# Somebody listens on the port; looked up without connecting.
listening() {
	local hex
	hex=$(printf '%04X' "$1")
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
	    awk -v port=":$hex" 'substr($2, length($2) - 4) == port &&
		$4 == "0A" { found = 1 } END { exit !found }'
}

# Three neighbouring ports below those the kernel gives to clients. Another
# sandbox may take them before we do: then start tries again.
pick_ports() {
	for _ in {1..100}; do
		smtp=$((12000 + RANDOM % 6000 * 3))
		submission=$((smtp + 1)) sink=$((smtp + 2))
		listening $smtp || listening $submission || listening $sink ||
		    return 0
	done
	die "no free ports"
}

# Long enough for a machine that has other things to do.
wait_for() { # wait_for COMMAND...
	local n=1200
	until "$@"; do
		((n-- > 0)) || return 1
		sleep 0.05
	done
}

pid_of() { # pid_of FILE NAME: its pid, if that still runs such a program
	local pid
	[ -e "$1" ] && pid=$(tr -dc 0-9 2>/dev/null <"$1") && [ -n "$pid" ] &&
	    case $(readlink "/proc/$pid/exe") in */"$2") echo "$pid" ;; *) false ;; esac
}

gone() { # gone FILE NAME
	! pid_of "$1" "$2" >/dev/null
}

end() { # end FILE NAME
	local pid
	pid=$(pid_of "$1" "$2") || return 0
	kill "$pid"
	wait_for gone "$1" "$2" || kill -9 "$pid"
}

stop() {
	# master takes its children along; `postfix stop` sleeps for seconds.
	end "$dir/queue/pid/master.pid" master
	end "$dir/sink.pid" smtp-sink
	end "$dir/dovecot/run/master.pid" dovecot
}

write_master_cf() {
	local address
	for address in 127.0.0.1 "[::1]"; do
		cat <<-END
		$address:$smtp inet n - n - - smtpd
		$address:$submission inet n - n - - smtpd
		  -o syslog_name=postfix/submission
		  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
		END
	done
	cat <<-'END'
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	showq unix n - n - - showq
	error unix - - n - - error
	retry unix - - n - - error
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	END
}

write_main_cf() {
	local stage
	cat <<-END
	compatibility_level = 3.6
	queue_directory = $dir/queue
	data_directory = $dir/data
	maillog_file = $dir/maillog
	maillog_file_prefixes = $dir
	myhostname = mx.example.com
	mydestination =
	local_recipient_maps =
	alias_maps =
	alias_database =
	relay_domains = example.com, example.org
	mynetworks = 127.0.0.0/8 [::1]/128
	inet_interfaces = loopback-only
	default_transport = smtp:[127.0.0.1]:$sink
	relay_transport = smtp:[127.0.0.1]:$sink
	smtp_tls_security_level = none
	smtp_host_lookup = native
	disable_dns_lookups = yes
	biff = no
	smtpd_authorized_xclient_hosts = 127.0.0.1 [::1]
	smtpd_error_sleep_time = 0
	smtpd_client_connection_count_limit = 0
	smtpd_relay_restrictions = permit_mynetworks,
	    permit_sasl_authenticated, reject_unauth_destination
	smtpd_sasl_auth_enable = yes
	cyrus_sasl_config_path = $dir/etc/sasl
	END
	[ -z "$dovecot" ] || cat <<-END
	smtpd_sasl_type = dovecot
	smtpd_sasl_path = $dir/dovecot/auth
	END
	for stage in ${stages//,/ }; do
		case $stage in
		client | helo | sender | recipient | data | end_of_data) ;;
		*) die "no such stage: $stage" ;;
		esac
		[ "$policy" = none ] || echo \
		    "smtpd_${stage}_restrictions = check_policy_service $policy"
	done
}

# Debian's smtpd looks for its SASL configuration in main.cf's directory.
write_logins() {
	mkdir "$dir/etc/sasl"
	cat >"$dir/etc/sasl/smtpd.conf" <<-END
	pwcheck_method: auxprop
	auxprop_plugin: sasldb
	sasldb_path: $dir/etc/sasl/logins
	mech_list: PLAIN LOGIN
	END
	echo secret | saslpasswd2 -p -c -f "$dir/etc/sasl/logins" \
	    -u example.com alice
	echo secret | saslpasswd2 -p -c -f "$dir/etc/sasl/logins" \
	    -u example.org bob
	chgrp postfix "$dir/etc/sasl/logins"
}

# What each Dovecot writes in its own way; 2.4 wants its versions on top. Either
# would wait two seconds for a policy server, whose machine may be a busy one.
write_dovecot_dialect() {
	case $(dovecot --version) in
	2.[0-3].*) cat <<-END
		disable_plaintext_auth = no
		auth_policy_server_timeout_msecs = 10000
		passdb {
		  driver = passwd-file
		  args = $dir/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=/nonexistent
		}
		END
		;;
	*) cat <<-END
		dovecot_config_version = 2.4.0
		dovecot_storage_version = 2.4.0
		auth_allow_cleartext = yes
		auth_policy {
		  http_client_request_absolute_timeout = 10s
		}
		passdb passwd-file {
		  passwd_file_path = $dir/dovecot/users
		}
		userdb static {
		  fields {
		    uid = 65534
		    gid = 65534
		    home = /nonexistent
		  }
		}
		END
		;;
	esac
}

# It slows who fails down by itself, which its anvil does; not here.
write_dovecot_conf() {
	write_dovecot_dialect
	cat <<-END
	base_dir = $dir/dovecot/run
	state_dir = $dir/dovecot/state
	log_path = $dir/dovecot/log
	protocols =
	ssl = no
	auth_mechanisms = plain login
	auth_failure_delay = 0
	auth_verbose = yes
	default_internal_user = dovecot
	default_login_user = nobody
	service auth {
	  unix_listener $dir/dovecot/auth {
	    mode = 0660
	    user = postfix
	  }
	}
	service anvil {
	  unix_listener anvil-auth-penalty {
	    mode = 0
	  }
	}
	service stats {
	  unix_listener stats-writer {
	    mode = 0666
	  }
	}
	END
	cat "$dovecot"
}

start_dovecot() {
	mkdir -p "$dir/dovecot/run" "$dir/dovecot/state"
	printf '%s:{PLAIN}secret::::::\n' alice@example.com bob@example.org \
	    >"$dir/dovecot/users"
	write_dovecot_conf >"$dir/dovecot/dovecot.conf"
	dovecot -c "$dir/dovecot/dovecot.conf" </dev/null >>"$dir/start.log" 2>&1 &&
	    wait_for test -S "$dir/dovecot/auth"
}

start_sink() {
	mkdir -p "$dir/sink/each"
	chown postfix "$dir/sink" "$dir/sink/each"
	(cd "$dir/sink" && exec smtp-sink -u postfix "${dump[@]}" \
	    "127.0.0.1:$sink" 256) </dev/null >>"$dir/start.log" 2>&1 &
	echo $! >"$dir/sink.pid"
	wait_for listening "$sink"
}

# Else whoever listens is another's, and ours found the port taken.
both_run() {
	pid_of "$dir/sink.pid" smtp-sink >/dev/null &&
	    pid_of "$dir/queue/pid/master.pid" master >/dev/null
}

# Postfix waits for what is younger than two seconds: it may still be written.
ripen() {
	touch -d "1 minute ago" "$dir"/etc/{main,master}.cf
}

try_start() {
	pick_ports
	rm -rf "${dir:?}"/{etc,queue,data,dovecot}
	mkdir -p "$dir/etc" "$dir/queue" "$dir/data"
	chown postfix "$dir/data"
	write_master_cf >"$dir/etc/master.cf"
	write_main_cf >"$dir/etc/main.cf" || exit 1
	[ $# = 0 ] || postconf -c "$dir/etc" -e "$@" || exit 1
	ripen
	write_logins
	[ -z "$dovecot" ] || start_dovecot || return
	start_sink &&
	    postfix -c "$dir/etc" start </dev/null >>"$dir/start.log" 2>&1 &&
	    wait_for listening "$smtp" && both_run
}

start() {
	dump=(-D mail)
	policy=$1 stages=recipient dovecot=
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--stages) stages=${2?} && shift 2 ;;
		--dovecot) dovecot=$(realpath "${2?}") && shift 2 ;;
		--each) dump=(-d each/.) && shift ;;
		*=*) break ;;
		*) usage ;;
		esac
	done
	[ "$(id -u)" = 0 ] || die "Postfix can only be started by root"
	case $dir in *[[:space:]]*) die "Postfix takes no blank in '$dir'" ;; esac

	[ ! -d "$dir" ] || [ -e "$dir/.sandbox" ] || rmdir "$dir" ||
	    die "'$dir' is not empty and no sandbox"
	mkdir -p "$dir" || exit 1
	touch "$dir/.sandbox" "$dir/maillog"
	chmod 755 "$dir" # Postfix gives up root's rights
	for _ in 1 2 3; do
		stop
		try_start "$@" || continue
		echo "smtp=$smtp submission=$submission sink=$sink" |
		    tr ' ' '\n'
		return
	done
	cat "$dir/start.log" "$dir/maillog" >&2
	stop
	die "Postfix did not start"
}

[ $# -ge 2 ] || usage
command=$1 dir=$(realpath -m "$2")
shift 2
case $command in
start)
	[ $# -ge 1 ] || usage
	start "$@"
	;;
conf)
	postconf -c "$dir/etc" -e "$@" && ripen &&
	    postfix -c "$dir/etc" reload >>"$dir/start.log" 2>&1
	;;
stop | clean)
	[ -e "$dir" ] || exit 0
	[ -e "$dir/.sandbox" ] || die "'$dir' is no sandbox"
	stop
	[ "$command" = stop ] || rm -rf "$dir"
	;;
*) usage ;;
esac
