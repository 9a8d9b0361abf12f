/* What ILSValidation holds of e-mail addresses and phone numbers, sixteen bytes at a time. */
#ifndef ILS_TEXTS_H
#define ILS_TEXTS_H

#include "cscan.h"

/* What 16 bytes of an e-mail address are: bit i of each mask speaks of byte i. */
typedef struct {
  uint64_t alphanumeric, dot, hyphen, at, mark;
} ils_email_masks;

ILS_INLINE ils_email_masks ils_email_masks16(const void *p) {
  ils_bytes16 v = ils_load16(p);
  ils_email_masks masks;
  /* Bit 0x20 set, letters are in lower case; '0' to '9' have it anyway. */
  masks.alphanumeric = ils_bits16(ils_or16(ils_among16(ils_set16(v, 0x20), 'a', 26), ils_among16(v, '0', 10)));
  masks.dot = ils_bits16(ils_is16(v, '.'));
  masks.hyphen = ils_bits16(ils_is16(v, '-'));
  masks.at = ils_bits16(ils_is16(v, '@'));
  masks.mark = ils_bits16(ils_or16(ils_is16(v, '_'), ils_is16(v, '+')));
  return masks;
}

/*
 * Whether n bytes are an e-mail address of the common sort for sure (RFC 5321): a dot-atom of letters, digits and marks, "@",
 * and a domain of labels, 64 bytes in all at most. 0 says nothing. Up to 15 bytes behind the text are read.
 */
static inline int ils_email_is_plain(const void *text, long n) {
  if (n < 3 || n > 64) return 0;
  ils_email_masks all = {0, 0, 0, 0, 0};
  for (long i = 0; i < n; i += 16) {
    ils_email_masks some = ils_email_masks16((const uint8_t *)text + i);
    all.alphanumeric |= some.alphanumeric << i;
    all.dot |= some.dot << i;
    all.hyphen |= some.hyphen << i;
    all.at |= some.at << i;
    all.mark |= some.mark << i;
  }
  uint64_t whole = ~(uint64_t)0 >> (64 - n), last = (uint64_t)1 << (n - 1);
  uint64_t at = all.at & whole;
  /* One "@"; what lies above it is the domain. */
  if (at == 0 || (at & (at - 1)) != 0) return 0;
  uint64_t domain = ~(at | (at - 1));
  uint64_t marks = all.mark & whole, hyphens = all.hyphen & whole;
  uint64_t borders = (all.dot & whole) | at;
  if (((all.alphanumeric & whole) | borders | marks | hyphens) != whole) return 0;
  /* No part is empty. */
  if ((borders & (borders << 1 | 1 | last)) != 0) return 0;
  /* Labels know no other marks, and neither start nor end with a hyphen; two of them may be of an encoded label. */
  uint64_t inner = hyphens & domain;
  return ((marks & domain) | (inner & (borders << 1 | borders >> 1 | inner << 1 | last))) == 0;
}

/*
 * Whether `text` has at least seven ASCII digits, all of them the same: 555-555-5555, which is nobody's number. Up to 15
 * bytes behind it are read.
 */
static inline int ils_repeats_one_digit(const void *text, long n) {
  const uint8_t *p = (const uint8_t *)text;
  uint64_t digits = 0, same = 0;
  if (n < 7 || n > 64) return 0;
  for (long i = 0; i < n; i += 16) digits |= (uint64_t)ils_bits16(ils_among16(ils_load16(p + i), '0', 10)) << i;
  digits &= ~(uint64_t)0 >> (64 - n);
  uint64_t seventh = digits;
  for (int i = 0; i < 6; i++) seventh &= seventh - 1;
  if (seventh == 0) return 0;
  uint8_t first = p[__builtin_ctzll(digits)];
  for (long i = 0; i < n; i += 16) same |= (uint64_t)ils_equal_mask16(p + i, first) << i;
  return (digits & ~same) == 0;
}

#endif
