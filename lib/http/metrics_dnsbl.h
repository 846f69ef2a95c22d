/*
 * metrics_dnsbl - how each DNS list fares, for Prometheus
 */
#ifndef HTTP_METRICS_DNSBL_H
#define HTTP_METRICS_DNSBL_H

struct page;
struct zones;

/* Nothing without a list; NULL is fine. */
void metrics_dnsbl(struct page *p, const struct zones *zones);

#endif
