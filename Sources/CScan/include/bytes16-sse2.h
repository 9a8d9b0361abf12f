/* The primitives of bytes16.h in SSE2 (Intel 64, since 2003). Included by it alone. */
#include <emmintrin.h>

typedef __m128i ils_bytes16;

ILS_INLINE ils_bytes16 ils_load16(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
ILS_INLINE ils_bytes16 ils_is16(ils_bytes16 v, uint8_t byte) { return _mm_cmpeq_epi8(v, _mm_set1_epi8((char)byte)); }
ILS_INLINE ils_bytes16 ils_same16(ils_bytes16 a, ils_bytes16 b) { return _mm_cmpeq_epi8(a, b); }
/* `limit` is 1 at the least: there is no unsigned "less than", but a byte is the smaller of itself and limit - 1. */
ILS_INLINE ils_bytes16 ils_below16(ils_bytes16 v, uint8_t limit) {
  return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8((char)(limit - 1))), v);
}
ILS_INLINE ils_bytes16 ils_minus16(ils_bytes16 v, uint8_t byte) { return _mm_sub_epi8(v, _mm_set1_epi8((char)byte)); }
ILS_INLINE ils_bytes16 ils_set16(ils_bytes16 v, uint8_t bits) { return _mm_or_si128(v, _mm_set1_epi8((char)bits)); }
ILS_INLINE ils_bytes16 ils_or16(ils_bytes16 a, ils_bytes16 b) { return _mm_or_si128(a, b); }
ILS_INLINE uint32_t ils_bits16(ils_bytes16 lanes) { return (uint32_t)_mm_movemask_epi8(lanes); }
/* Bytes of 0x80 and above. */
ILS_INLINE uint32_t ils_high16(ils_bytes16 v) { return (uint32_t)_mm_movemask_epi8(v); }
