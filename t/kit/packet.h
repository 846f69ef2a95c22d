/*
 * packet - messages of name servers, written by hand
 */
#ifndef KIT_PACKET_H
#define KIT_PACKET_H

#include <stddef.h>
#include <stdint.h>

enum { PACKET_BYTES = 65535, PACKET_HEADER = 12 };

/* Embed it, zeroed. */
struct packet {
	unsigned char data[PACKET_BYTES];
	size_t size;
};

/* In which a record is, by its place in the header. */
enum packet_section { ANSWER = 6, AUTHORITY = 8, ADDITIONAL = 10 };

void packet8(struct packet *p, unsigned n);
void packet16(struct packet *p, unsigned n);
void packet32(struct packet *p, uint32_t n);
void packet_bytes(struct packet *p, const void *bytes, size_t size);

/* "www.example.com", with or without a dot at its end. Returns its size. */
size_t packet_name(struct packet *p, const char *name);

/* Its header and question; it has no records yet. */
void packet_begin(
    struct packet *p, const char *name, unsigned type, unsigned code);

/* One more record. Sections must come in order; nothing checks that. */
void packet_record(struct packet *p, enum packet_section where,
    const char *owner, unsigned type, uint32_t ttl, const void *data,
    size_t size);

/* The same with a name as data; of an MX record behind its preference. */
void packet_host(struct packet *p, enum packet_section where, const char *owner,
    unsigned type, uint32_t ttl, const char *host);

/* How long "no" holds, by an SOA record in the authority section. */
void packet_soa(
    struct packet *p, const char *owner, uint32_t ttl, uint32_t minimum);

/* Writes two bytes of the header, or anywhere. */
void packet_set16(struct packet *p, size_t at, unsigned n);

#endif
