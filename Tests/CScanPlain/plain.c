#define ILS_PLAIN
#include "plain.h"

#include "phone.h"
#include "hashes.h"
#include "texts.h"

uint32_t plain_json_mask16(const void *p) { return ils_json_mask16(p); }

uint32_t plain_csv_copy16(void *to, const void *from, uint8_t delimiter, uint8_t quote) {
  return ils_csv_copy16(to, from, delimiter, quote);
}

uint32_t plain_equal_mask16(const void *p, uint8_t byte) { return ils_equal_mask16(p, byte); }

int plain_starts_with16(const void *text, const void *prefix, uint32_t mask) {
  return ils_starts_with16(text, prefix, mask);
}

void plain_csv_mask64(const void *p, uint8_t delimiter, uint8_t quote, uint64_t *special, uint64_t *high) {
  ils_mask64 masks = ils_csv_mask64(p, delimiter, quote);
  *special = masks.special;
  *high = masks.high;
}

uint32_t plain_xml_copy16(void *to, const void *from) { return ils_xml_copy16(to, from); }

uint32_t plain_high_mask16(const void *p) { return ils_high_mask16(p); }

uint32_t plain_letters16(void *to, const void *from) { return ils_letters16(to, from); }

long plain_last16(const void *text, long count, uint8_t byte) { return ils_last16(text, count, byte); }

uint32_t plain_phone_mask16(const void *p) { return ils_phone_mask16(p); }

int plain_email_is_plain(const void *text, long n) { return ils_email_is_plain(text, n); }

int plain_repeats_one_digit(const void *text, long n) { return ils_repeats_one_digit(text, n); }

int plain_hash_text(uint64_t hash[2], const void *text, long count, int folding, const uint64_t seed[2]) {
  ils_hash own = {seed[0], seed[1]}, result;
  int is_folded = ils_hash_text(&result, text, count, folding, own);
  if (is_folded) hash[0] = result.first, hash[1] = result.second;
  return is_folded;
}
