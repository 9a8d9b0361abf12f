/*
 * Sixteen bytes at a time: which of them need care?
 *
 * Inlines only, so that each caller's loop stays one loop; what differs between processors is in bytes16.h. Bit i of a mask
 * speaks of byte i. Unless it says otherwise, a function reads exactly 16 bytes: Swift calls it with `PaddedBytes`, or on
 * bytes that it has counted.
 */
#ifndef ILS_CSCAN_H
#define ILS_CSCAN_H

#include "bytes16.h"

/*
 * Bytes that a JSON string cannot hold as they are, or that end it: '"', '\\', and below 0x20 (RFC 8259, 7).
 * Low 16 bits: those; high 16 bits: bytes of 0x80 and above, which must be checked as UTF-8.
 */
static inline uint32_t ils_json_mask16(const void *p) {
  ils_bytes16 v = ils_load16(p);
  ils_bytes16 special = ils_or16(ils_or16(ils_is16(v, '"'), ils_is16(v, '\\')), ils_below16(v, 0x20));
  return ils_bits16(special) | (ils_high16(v) << 16);
}

/* Copies 16 bytes and returns their ils_json_mask16. */
static inline uint32_t ils_json_copy16(void *to, const void *from) {
  uint32_t mask = ils_json_mask16(from);
  memcpy(to, from, 16);
  return mask;
}

/*
 * Copies 16 bytes of a delimited row. Low 16 bits: the delimiter, the quote, and what JSON cannot hold as it is (which
 * includes line ends); high 16 bits: bytes of 0x80 and above.
 */
static inline uint32_t ils_csv_copy16(void *to, const void *from, uint8_t delimiter, uint8_t quote) {
  uint32_t mask = ils_json_copy16(to, from);
  ils_bytes16 v = ils_load16(from);
  return mask | ils_bits16(ils_or16(ils_is16(v, delimiter), ils_is16(v, quote)));
}

/* Bytes that are `byte`. */
static inline uint32_t ils_equal_mask16(const void *p, uint8_t byte) { return ils_bits16(ils_is16(ils_load16(p), byte)); }

/* Whether those of 16 bytes whose bits are set in `mask` are the same: the names of fields, most of which are that short. */
ILS_INLINE int ils_starts_with16(const void *text, const void *prefix, uint32_t mask) {
  return (~ils_bits16(ils_same16(ils_load16(text), ils_load16(prefix))) & mask) == 0;
}

/* What ils_csv_copy16's mask tells, of 64 bytes that are not copied: bit i speaks of byte i. Reads exactly 64 bytes. */
typedef struct {
  uint64_t special, high;
} ils_mask64;

ILS_INLINE ils_mask64 ils_csv_mask64(const void *p, uint8_t delimiter, uint8_t quote) {
  const uint8_t *b = (const uint8_t *)p;
  ils_mask64 masks = {0, 0};
  for (int i = 0; i < 64; i += 16) {
    uint64_t json = ils_json_mask16(b + i);
    masks.special |= ((json & 0xFFFF) | ils_equal_mask16(b + i, delimiter)) << i;
    masks.high |= (json >> 16) << i;
  }
  /* The usual quote is special in JSON anyway. */
  if (quote != '"') {
    for (int i = 0; i < 64; i += 16) masks.special |= (uint64_t)ils_equal_mask16(b + i, quote) << i;
  }
  return masks;
}

/*
 * Copies 16 bytes of XML text. Set bits: '<', '&', '_' (which may start an escape of Excel's) and what JSON cannot hold as
 * it is; high 16 bits: bytes of 0x80 and above.
 */
static inline uint32_t ils_xml_copy16(void *to, const void *from) {
  uint32_t mask = ils_json_copy16(to, from);
  ils_bytes16 v = ils_load16(from);
  return mask | ils_bits16(ils_or16(ils_or16(ils_is16(v, '<'), ils_is16(v, '&')), ils_is16(v, '_')));
}

/* Bytes of 0x80 and above. */
static inline uint32_t ils_high_mask16(const void *p) { return ils_high16(ils_load16(p)); }

/*
 * Whether one of 64 bytes may start a letter of UTF-8 that was read as Windows-1252 and written as UTF-8 again: Ã at the
 * least, and two bytes on the lead of what such a sequence goes on with. Or one that was read otherwise (U+221A, U+251C), is
 * lost (U+FFFD) or unseen (U+FEFF, U+200B to U+2069), by the first bytes of it. Reads 66 bytes.
 */
static inline int ils_mangled64(const void *p) {
  const uint8_t *bytes = (const uint8_t *)p;
  uint32_t found = 0;
  /* The other two leads are rare: they are looked for together, and looked at where one is there. */
  ils_bytes16 rare = ils_is16(ils_load16(bytes), 0xEF);
  for (int at = 0; at < 64; at += 16) {
    ils_bytes16 u = ils_load16(bytes + at), v = ils_load16(bytes + at + 2);
    found |= ils_bits16(ils_is16(u, 0xC3)) & ils_bits16(ils_or16(ils_is16(v, 0xC2), ils_is16(v, 0xE2)));
    rare = ils_or16(rare, ils_or16(ils_is16(u, 0xE2), ils_is16(u, 0xEF)));
  }
  if (found != 0 || ils_bits16(rare) == 0) return found != 0;
  for (int at = 0; at < 64; at++) {
    const uint8_t second = bytes[at + 1], third = bytes[at + 2];
    if (bytes[at] == 0xEF && (third == 0xBD || second == 0xBB)) return 1;
    if (bytes[at] != 0xE2) continue;
    if (third == 0x9A || third == 0x9C) return 1;
    if (second == 0x80 && (third == 0x8B || third == 0x8E || third == 0x8F || (third >= 0xAA && third <= 0xAE))) return 1;
    if (second == 0x81 && third >= 0xA0 && third <= 0xA9) return 1;
  }
  return 0;
}

/* Where the last `byte` of `count` stands; -1 where none does. 16 bytes behind the text are readable. */
ILS_INLINE long ils_last16(const void *text, long count, uint8_t byte) {
  long from = count > 16 ? count - 16 : 0;
  uint32_t mask = ils_equal_mask16((const uint8_t *)text + from, byte) & (uint32_t)((1u << (count - from)) - 1);
  return mask == 0 ? -1 : from + 31 - __builtin_clz(mask);
}

/*
 * Copies 16 bytes with ASCII letters in lower (first = 'A') or upper (first = 'a') case. Of one fixed length and plain C:
 * compilers make it a handful of vector instructions everywhere.
 */
static inline void ils_ascii_case16(void *to, const void *from, uint8_t first) {
  uint8_t block[16];
  memcpy(block, from, 16);
  for (int i = 0; i < 16; i++) block[i] ^= (uint8_t)(((uint8_t)(block[i] - first) < 26) << 5);
  memcpy(to, block, 16);
}

/* Copies `count` bytes of ASCII with letters in lower (0) or upper (1) case. Reads them alone. */
static inline void ils_ascii_case(void *to, const void *from, long count, int upper) {
  const uint8_t *in = (const uint8_t *)from;
  uint8_t *out = (uint8_t *)to;
  const uint8_t first = upper ? 'a' : 'A';
  for (long i = 0; i < count; i++) out[i] = in[i] ^ (uint8_t)(((uint8_t)(in[i] - first) < 26) << 5);
}

/* Copies 16 bytes with ASCII letters in lower case; the bits say which are letters. What is no letter comes out as anything. */
ILS_INLINE uint32_t ils_letters16(void *to, const void *from) {
  ils_bytes16 lower = ils_set16(ils_load16(from), 0x20);
  memcpy(to, &lower, 16);
  return ils_bits16(ils_below16(ils_minus16(lower, 'a'), 26));
}

/* Copies `count` bytes, 16 at most, with ASCII letters in lower case, and zeros behind them: short words as one value each. */
ILS_INLINE void ils_pack16(void *to, const void *from, long count) {
  static const uint8_t mask[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  uint8_t block[16], keep[16];
  ils_ascii_case16(block, from, 'A');
  memcpy(keep, mask + 16 - count, 16);
  for (int i = 0; i < 16; i++) block[i] &= keep[i];
  memcpy(to, block, 16);
}

/*
 * The length of the well-formed UTF-8 sequence at `p`, 0 where there is none (Unicode 15, table 3-7). Reads no byte behind
 * the first that cannot go on: at most 4, and none behind a zero.
 */
static inline int ils_utf8_length(const void *p) {
  const uint8_t *b = (const uint8_t *)p;
#define ILS_TRAILS(i) ((b[i] & 0xC0) == 0x80)
  if (b[0] < 0x80) return 1;
  if (b[0] < 0xC2) return 0;
  if (b[0] < 0xE0) return ILS_TRAILS(1) ? 2 : 0;
  if (b[0] < 0xF0) {
    if (b[0] == 0xE0 ? b[1] < 0xA0 : b[0] == 0xED && b[1] > 0x9F) return 0;
    return ILS_TRAILS(1) && ILS_TRAILS(2) ? 3 : 0;
  }
  if (b[0] == 0xF0 ? b[1] < 0x90 : b[0] == 0xF4 ? b[1] > 0x8F : b[0] > 0xF4) return 0;
  return ILS_TRAILS(1) && ILS_TRAILS(2) && ILS_TRAILS(3) ? 4 : 0;
#undef ILS_TRAILS
}

/* The first `mark` (1 byte at the least) in `count` bytes; NULL where there is none. As memmem, which is no part of POSIX. */
static inline const void *ils_find(const void *p, long count, const void *mark, long length) {
  const uint8_t *at = (const uint8_t *)p, *last = at + count - length;
  while (at <= last) {
    at = (const uint8_t *)memchr(at, *(const uint8_t *)mark, (size_t)(last - at) + 1);
    if (!at || memcmp(at, mark, (size_t)length) == 0) return at;
    at++;
  }
  return NULL;
}

/* Asks for memory that is about to be read. */
static inline void ils_prefetch(const void *p) { __builtin_prefetch(p, 1, 3); }

#endif
