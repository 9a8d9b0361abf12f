/*
 * Sixteen bytes at a time: which of them need care?
 *
 * Inlines only, so that each caller's loop stays one loop. SSE2 on x86-64, NEON on arm64, plain C elsewhere; all three
 * give the same bits. Bit i of a mask speaks of byte i. Every function reads exactly 16 bytes: callers keep
 * that much readable behind their data.
 */
#ifndef ILS_CSCAN_H
#define ILS_CSCAN_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#define ILS_SSE2 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define ILS_NEON 1
#endif

#if defined(ILS_NEON)
/* NEON has no movemask: weigh each lane by its bit and add the halves up. */
static inline uint32_t ils_neon_mask(uint8x16_t lanes) {
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t bits = vandq_u8(lanes, vld1q_u8(weights));
  return (uint32_t)vaddv_u8(vget_low_u8(bits)) | ((uint32_t)vaddv_u8(vget_high_u8(bits)) << 8);
}
#endif

/*
 * Bytes that a JSON string cannot hold as they are, or that end it: '"', '\\', and below 0x20 (RFC 8259, 7).
 * Low 16 bits: those; high 16 bits: bytes of 0x80 and above, which must be checked as UTF-8.
 */
static inline uint32_t ils_json_mask16(const void *p) {
#if defined(ILS_SSE2)
  __m128i v = _mm_loadu_si128((const __m128i *)p);
  __m128i special = _mm_or_si128(
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
      _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v));
  return (uint32_t)_mm_movemask_epi8(special) | ((uint32_t)_mm_movemask_epi8(v) << 16);
#elif defined(ILS_NEON)
  uint8x16_t v = vld1q_u8((const uint8_t *)p);
  uint8x16_t special =
      vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\'))), vcltq_u8(v, vdupq_n_u8(0x20)));
  return ils_neon_mask(special) | (ils_neon_mask(vcgeq_u8(v, vdupq_n_u8(0x80))) << 16);
#else
  const uint8_t *b = (const uint8_t *)p;
  uint32_t special = 0, high = 0;
  for (int i = 0; i < 16; i++) {
    special |= (uint32_t)(b[i] == '"' || b[i] == '\\' || b[i] < 0x20) << i;
    high |= (uint32_t)(b[i] >> 7) << i;
  }
  return special | (high << 16);
#endif
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
#if defined(ILS_SSE2)
  __m128i v = _mm_loadu_si128((const __m128i *)from);
  return mask | (uint32_t)_mm_movemask_epi8(_mm_or_si128(
                    _mm_cmpeq_epi8(v, _mm_set1_epi8((char)delimiter)), _mm_cmpeq_epi8(v, _mm_set1_epi8((char)quote))));
#elif defined(ILS_NEON)
  uint8x16_t v = vld1q_u8((const uint8_t *)from);
  return mask | ils_neon_mask(vorrq_u8(vceqq_u8(v, vdupq_n_u8(delimiter)), vceqq_u8(v, vdupq_n_u8(quote))));
#else
  const uint8_t *b = (const uint8_t *)from;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(b[i] == delimiter || b[i] == quote) << i;
  return mask;
#endif
}

/* Bytes that are `byte`. */
static inline uint32_t ils_equal_mask16(const void *p, uint8_t byte) {
#if defined(ILS_SSE2)
  return (uint32_t)_mm_movemask_epi8(
      _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8((char)byte)));
#elif defined(ILS_NEON)
  return ils_neon_mask(vceqq_u8(vld1q_u8((const uint8_t *)p), vdupq_n_u8(byte)));
#else
  const uint8_t *b = (const uint8_t *)p;
  uint32_t equal = 0;
  for (int i = 0; i < 16; i++) equal |= (uint32_t)(b[i] == byte) << i;
  return equal;
#endif
}

/* Whether those of 16 bytes whose bits are set in `mask` are the same: the names of fields, most of which are that short. */
__attribute__((always_inline)) static inline int ils_starts_with16(const void *text, const void *prefix, uint32_t mask) {
#if defined(ILS_SSE2)
  __m128i equal =
      _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)text), _mm_loadu_si128((const __m128i *)prefix));
  return (~(uint32_t)_mm_movemask_epi8(equal) & mask) == 0;
#elif defined(ILS_NEON)
  uint8x16_t equal = vceqq_u8(vld1q_u8((const uint8_t *)text), vld1q_u8((const uint8_t *)prefix));
  return (~ils_neon_mask(equal) & mask) == 0;
#else
  return memcmp(text, prefix, (size_t)__builtin_popcount(mask)) == 0;
#endif
}

/* Low 16 bits: ASCII digits; high 16 bits: bytes that are neither digits nor what people put between those of a phone. */
__attribute__((always_inline)) static inline uint32_t ils_phone_mask16(const void *p) {
  const uint8_t *b = (const uint8_t *)p;
  uint32_t digits = 0, others = 0;
#if defined(ILS_SSE2)
  __m128i v = _mm_loadu_si128((const __m128i *)b);
  __m128i shifted = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  __m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(shifted, _mm_set1_epi8(9)), shifted);
  __m128i between = _mm_or_si128(
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('-'))),
      _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('(')), _mm_cmpeq_epi8(v, _mm_set1_epi8(')'))),
                   _mm_cmpeq_epi8(v, _mm_set1_epi8('.'))));
  digits = (uint32_t)_mm_movemask_epi8(digit);
  others = ~(digits | (uint32_t)_mm_movemask_epi8(between)) & 0xFFFF;
#else
  for (int i = 0; i < 16; i++) {
    uint32_t is_digit = (uint8_t)(b[i] - '0') < 10;
    uint32_t is_between = b[i] == ' ' || b[i] == '-' || b[i] == '(' || b[i] == ')' || b[i] == '.';
    digits |= is_digit << i;
    others |= (uint32_t)!(is_digit | is_between) << i;
  }
#endif
  return digits | (others << 16);
}

/* What ils_csv_copy16's mask tells, of 64 bytes that are not copied: bit i speaks of byte i. Reads exactly 64 bytes. */
typedef struct {
  uint64_t special, high;
} ils_mask64;

static inline ils_mask64 ils_csv_mask64(const void *p, uint8_t delimiter, uint8_t quote) {
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
#if defined(ILS_SSE2)
  __m128i v = _mm_loadu_si128((const __m128i *)from);
  return mask | (uint32_t)_mm_movemask_epi8(
                    _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')), _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))),
                                 _mm_cmpeq_epi8(v, _mm_set1_epi8('_'))));
#elif defined(ILS_NEON)
  uint8x16_t v = vld1q_u8((const uint8_t *)from);
  return mask | ils_neon_mask(vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8('<')), vceqq_u8(v, vdupq_n_u8('&'))),
                                       vceqq_u8(v, vdupq_n_u8('_'))));
#else
  const uint8_t *b = (const uint8_t *)from;
  for (int i = 0; i < 16; i++) mask |= (uint32_t)(b[i] == '<' || b[i] == '&' || b[i] == '_') << i;
  return mask;
#endif
}

/* Bytes of 0x80 and above. */
static inline uint32_t ils_high_mask16(const void *p) {
#if defined(ILS_SSE2)
  return (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)p));
#elif defined(ILS_NEON)
  return ils_neon_mask(vcgeq_u8(vld1q_u8((const uint8_t *)p), vdupq_n_u8(0x80)));
#else
  const uint8_t *b = (const uint8_t *)p;
  uint32_t high = 0;
  for (int i = 0; i < 16; i++) high |= (uint32_t)(b[i] >> 7) << i;
  return high;
#endif
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

/* Copies `count` bytes of ASCII with letters in lower (0) or upper (1) case. Plain C: compilers turn it into vectors. */
static inline void ils_ascii_case(void *to, const void *from, long count, int upper) {
  const uint8_t *in = (const uint8_t *)from;
  uint8_t *out = (uint8_t *)to;
  const uint8_t first = upper ? 'a' : 'A';
  for (long i = 0; i < count; i++) out[i] = in[i] ^ (uint8_t)(((uint8_t)(in[i] - first) < 26) << 5);
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

/* What 16 bytes of an e-mail address are: bit i of each mask speaks of byte i. */
typedef struct {
  uint64_t alphanumeric, dot, hyphen, at, mark;
} ils_email_masks;

__attribute__((always_inline)) static inline ils_email_masks ils_email_masks16(const void *p) {
  ils_email_masks masks;
#if defined(ILS_SSE2)
  __m128i v = _mm_loadu_si128((const __m128i *)p);
  __m128i letter = _mm_sub_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
  __m128i digit = _mm_sub_epi8(v, _mm_set1_epi8('0'));
  masks.alphanumeric = (uint32_t)_mm_movemask_epi8(
      _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(25)), letter),
                   _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(9)), digit)));
  masks.dot = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')));
  masks.hyphen = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('-')));
  masks.at = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8('@')));
  masks.mark = (uint32_t)_mm_movemask_epi8(
      _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('_')), _mm_cmpeq_epi8(v, _mm_set1_epi8('+'))));
#else
  const uint8_t *b = (const uint8_t *)p;
  memset(&masks, 0, sizeof masks);
  for (int i = 0; i < 16; i++) {
    masks.alphanumeric |= (uint64_t)((uint8_t)((b[i] | 0x20) - 'a') < 26 || (uint8_t)(b[i] - '0') < 10) << i;
    masks.dot |= (uint64_t)(b[i] == '.') << i;
    masks.hyphen |= (uint64_t)(b[i] == '-') << i;
    masks.at |= (uint64_t)(b[i] == '@') << i;
    masks.mark |= (uint64_t)(b[i] == '_' || b[i] == '+') << i;
  }
#endif
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

/* The day that ten bytes write as YYYY-MM-DD, as year << 9 | month << 5 | day; 0 where they write none (years 1 to 9999). */
static inline long ils_iso_day(const void *text) {
  static const uint8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const uint8_t *p = (const uint8_t *)text;
  uint32_t d[10], worst = 0;
  for (int i = 0; i < 10; i++) d[i] = (uint8_t)(p[i] - '0');
  for (int i = 0; i < 10; i++) worst |= i == 4 || i == 7 ? 0 : (d[i] > 9);
  uint32_t year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3], month = d[5] * 10 + d[6], day = d[8] * 10 + d[9];
  if (worst | (p[4] != '-') | (p[7] != '-') | (year == 0) | (month - 1 > 11)) return 0;
  uint32_t most = lengths[month];
  if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) most = 29;
  return day - 1 < most ? (long)(year << 9 | month << 5 | day) : 0;
}

/*
 * Copies `count` bytes, 16 at most, with ASCII letters in lower case, and zeros behind them: short words as one value each.
 * Reads 16 bytes.
 */
__attribute__((always_inline)) static inline void ils_pack16(void *to, const void *from, long count) {
  static const uint8_t mask[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  uint8_t block[16], keep[16];
  ils_ascii_case16(block, from, 'A');
  memcpy(keep, mask + 16 - count, 16);
  for (int i = 0; i < 16; i++) block[i] &= keep[i];
  memcpy(to, block, 16);
}

/* Where the last `byte` of `count` stands; -1 where none does. 16 bytes behind the text are readable. */
__attribute__((always_inline)) static inline long ils_last16(const void *text, long count, uint8_t byte) {
  long from = count > 16 ? count - 16 : 0;
  uint32_t mask = ils_equal_mask16((const uint8_t *)text + from, byte) & (uint32_t)((1u << (count - from)) - 1);
  return mask == 0 ? -1 : from + 31 - __builtin_clz(mask);
}

/*
 * Whether `text` has at least seven ASCII digits, all of them the same: 555-555-5555, which is nobody's number. Up to 15
 * bytes behind it are read.
 */
static inline int ils_repeats_one_digit(const void *text, long n) {
  const uint8_t *p = (const uint8_t *)text;
  uint64_t digits = 0, same = 0;
  if (n < 7 || n > 64) return 0;
  for (long i = 0; i < n; i += 16) digits |= (uint64_t)(ils_phone_mask16(p + i) & 0xFFFF) << i;
  digits &= ~(uint64_t)0 >> (64 - n);
  uint64_t seventh = digits;
  for (int i = 0; i < 6; i++) seventh &= seventh - 1;
  if (seventh == 0) return 0;
  uint8_t first = p[__builtin_ctzll(digits)];
  for (long i = 0; i < n; i += 16) same |= (uint64_t)ils_equal_mask16(p + i, first) << i;
  return (digits & ~same) == 0;
}

#endif
