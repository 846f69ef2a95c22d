# report-spam - for imapsieve: a user has moved a message to Junk
require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];

if environment :matches "imap.user" "*" {
	set "user" "${1}";
}

if environment :is "imap.cause" ["COPY", "APPEND"] {
	pipe :copy :try "report-spam" ["${user}"];
}
