/*
 * suffix - whose host is it? the public suffix list
 *
 * Who may register names, and where, cannot be seen in a name: mx.example.com
 * is example.com's, mx.example.co.uk is example.co.uk's. Everybody keeps one
 * list of that (publicsuffix.org), and libpsl reads it.
 */
#ifndef BASE_SUFFIX_H
#define BASE_SUFFIX_H

struct arena;
struct suffixes;

/* The newer one of the system's list and the one that libpsl was built with.
 * Lives as long as `a`. */
const struct suffixes *suffixes_open(struct arena *a);

/*
 * The end of `name` that somebody has registered: "example.com" of
 * "mx.example.com", in lower case. Below a name where everybody may have one (a
 * hoster's, say) it is one label more. NULL for a public suffix, for a name of
 * one label, and for what is no host name: an address, an empty label, a dot at
 * its end, other scripts than ASCII. A NULL `s` is libpsl's own list.
 */
const char *suffixes_organisation(
    const struct suffixes *s, struct arena *a, const char *name);

#endif
