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

/* Whether `text` starts with the `count` bytes at `prefix`: most names are short, and a call of memcmp costs more than they do. */
__attribute__((always_inline)) static inline int ils_starts_with(const void *text, const void *prefix, long count) {
#if defined(ILS_SSE2)
  if (count <= 16) {
    int equal = _mm_movemask_epi8(
        _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)text), _mm_loadu_si128((const __m128i *)prefix)));
    return (~equal & ((1 << count) - 1)) == 0;
  }
#endif
  return memcmp(text, prefix, (unsigned long)count) == 0;
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

/*
 * Whether n bytes are an e-mail address of the common sort for sure (RFC 5321): a dot-atom of at most 64 letters, digits and
 * marks, "@", and a domain of labels. 0 says nothing.
 */
static inline int ils_email_is_plain(const void *text, long n) {
  const uint8_t *p = (const uint8_t *)text;
  long at = 0, label = 0;
  if (n > 254) return 0;
  for (uint8_t last = '.'; at < n && p[at] != '@'; last = p[at++]) {
    uint8_t c = p[at], lower = c | 0x20;
    if ((uint8_t)(lower - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_' || c == '-' || c == '+') continue;
    if (c != '.' || last == '.') return 0;
  }
  if (at == 0 || at > 64 || at == n || p[at - 1] == '.') return 0;
  for (at++; at < n; at++) {
    uint8_t c = p[at], lower = c | 0x20;
    if ((uint8_t)(lower - 'a') < 26 || (uint8_t)(c - '0') < 10) {
      label++;
    } else if (c == '-' && label > 0 && !(label == 3 && p[at - 1] == '-')) {
      label++;
    } else if (c == '.' && label > 0 && label < 64 && p[at - 1] != '-') {
      label = 0;
    } else {
      return 0;
    }
  }
  return label > 0 && label < 64 && p[n - 1] != '-';
}

/* Whether `text` has at least seven ASCII digits, all of them the same: 555-555-5555, which is nobody's number. */
static inline int ils_repeats_one_digit(const void *text, long n) {
  const uint8_t *p = (const uint8_t *)text;
  uint8_t digit = 0;
  long count = 0;
  for (long i = 0; i < n; i++) {
    if ((uint8_t)(p[i] - '0') > 9) continue;
    if (count > 0 && p[i] != digit) return 0;
    digit = p[i];
    count++;
  }
  return count >= 7;
}

#endif
