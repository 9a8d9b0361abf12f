/* The scans in plain C, so that a test can hold the processor's own against them. */
#ifndef ILS_PLAIN_H
#define ILS_PLAIN_H

#include <stdint.h>

uint32_t plain_json_mask16(const void *p);
uint32_t plain_csv_copy16(void *to, const void *from, uint8_t delimiter, uint8_t quote);
uint32_t plain_equal_mask16(const void *p, uint8_t byte);
int plain_starts_with16(const void *text, const void *prefix, uint32_t mask);
void plain_csv_mask64(const void *p, uint8_t delimiter, uint8_t quote, uint64_t *special, uint64_t *high);
uint32_t plain_xml_copy16(void *to, const void *from);
uint32_t plain_high_mask16(const void *p);
uint32_t plain_letters16(void *to, const void *from);
long plain_last16(const void *text, long count, uint8_t byte);
uint32_t plain_phone_mask16(const void *p);
int plain_email_is_plain(const void *text, long n);
int plain_repeats_one_digit(const void *text, long n);
int plain_hash_text(uint64_t hash[2], const void *text, long count, int folding, const uint64_t seed[2]);

#endif
