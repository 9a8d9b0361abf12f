/* The primitives of bytes16.h in NEON (arm64). Included by it alone. */
#include <arm_neon.h>

typedef uint8x16_t ils_bytes16;

ILS_INLINE ils_bytes16 ils_load16(const void *p) { return vld1q_u8((const uint8_t *)p); }
ILS_INLINE ils_bytes16 ils_is16(ils_bytes16 v, uint8_t byte) { return vceqq_u8(v, vdupq_n_u8(byte)); }
ILS_INLINE ils_bytes16 ils_same16(ils_bytes16 a, ils_bytes16 b) { return vceqq_u8(a, b); }
ILS_INLINE ils_bytes16 ils_below16(ils_bytes16 v, uint8_t limit) { return vcltq_u8(v, vdupq_n_u8(limit)); }
ILS_INLINE ils_bytes16 ils_minus16(ils_bytes16 v, uint8_t byte) { return vsubq_u8(v, vdupq_n_u8(byte)); }
ILS_INLINE ils_bytes16 ils_set16(ils_bytes16 v, uint8_t bits) { return vorrq_u8(v, vdupq_n_u8(bits)); }
ILS_INLINE ils_bytes16 ils_or16(ils_bytes16 a, ils_bytes16 b) { return vorrq_u8(a, b); }
/* NEON has no movemask: weigh each lane by its bit and add the halves up. */
ILS_INLINE uint32_t ils_bits16(ils_bytes16 lanes) {
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  uint8x16_t bits = vandq_u8(lanes, vld1q_u8(weights));
  return (uint32_t)vaddv_u8(vget_low_u8(bits)) | ((uint32_t)vaddv_u8(vget_high_u8(bits)) << 8);
}
/* Bytes of 0x80 and above. */
ILS_INLINE uint32_t ils_high16(ils_bytes16 v) { return ils_bits16(vcgeq_u8(v, vdupq_n_u8(0x80))); }
