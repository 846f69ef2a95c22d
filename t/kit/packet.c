/*
 * packet - bytes one behind the other
 */
#include "kit/packet.h"

#include <stdlib.h>
#include <string.h>

enum {
	CODE_AT = 2,
	QUESTIONS_AT = 4,
	RESPONSE = 0x8180,
	INTERNET = 1,
	MX = 15
};

void
packet8(struct packet *p, unsigned n)
{
	if (p->size == PACKET_BYTES)
		abort();
	p->data[p->size++] = (unsigned char)n;
}

void
packet16(struct packet *p, unsigned n)
{
	packet8(p, n >> 8 & 0xff);
	packet8(p, n & 0xff);
}

void
packet32(struct packet *p, uint32_t n)
{
	packet16(p, n >> 16);
	packet16(p, n & 0xffff);
}

void
packet_bytes(struct packet *p, const void *bytes, size_t size)
{
	const unsigned char *from = bytes;

	while (size-- > 0)
		packet8(p, *from++);
}

size_t
packet_name(struct packet *p, const char *name)
{
	const size_t before = p->size;

	while (*name) {
		const size_t size = strcspn(name, ".");

		packet8(p, (unsigned)size);
		packet_bytes(p, name, size);
		name += size + (name[size] == '.');
	}
	packet8(p, 0);
	return p->size - before;
}

void
packet_set16(struct packet *p, size_t at, unsigned n)
{
	p->data[at] = (unsigned char)(n >> 8);
	p->data[at + 1] = (unsigned char)n;
}

void
packet_begin(struct packet *p, const char *name, unsigned type, unsigned code)
{
	memset(p->data, 0, PACKET_HEADER);
	p->size = PACKET_HEADER;
	packet_set16(p, CODE_AT, RESPONSE | code);
	packet_set16(p, QUESTIONS_AT, 1);
	packet_name(p, name);
	packet16(p, type);
	packet16(p, INTERNET);
}

void
packet_record(struct packet *p, enum packet_section where, const char *owner,
    unsigned type, uint32_t ttl, const void *data, size_t size)
{
	packet_set16(p, (size_t)where,
	    (unsigned)(p->data[where] << 8 | p->data[where + 1]) + 1);
	packet_name(p, owner);
	packet16(p, type);
	packet16(p, INTERNET);
	packet32(p, ttl);
	packet16(p, (unsigned)size);
	packet_bytes(p, data, size);
}

void
packet_host(struct packet *p, enum packet_section where, const char *owner,
    unsigned type, uint32_t ttl, const char *host)
{
	struct packet *data = calloc(1, sizeof(*data));

	if (!data)
		abort();
	if (type == MX)
		packet16(data, 10);
	packet_name(data, host);
	packet_record(p, where, owner, type, ttl, data->data, data->size);
	free(data);
}

void
packet_soa(struct packet *p, const char *owner, uint32_t ttl, uint32_t minimum)
{
	struct packet *data = calloc(1, sizeof(*data));

	if (!data)
		abort();
	packet_name(data, "ns.example.net");
	packet_name(data, "root.example.net");
	for (int i = 0; i < 4; i++)
		packet32(data, 7200);
	packet32(data, minimum);
	packet_record(p, AUTHORITY, owner, 6, ttl, data->data, data->size);
	free(data);
}
