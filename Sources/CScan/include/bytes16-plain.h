/* The primitives of bytes16.h in plain C. Included by it alone. */
typedef struct {
  uint8_t lane[16];
} ils_bytes16;

#define ILS_EACH_LANE(expression)                                     \
  ils_bytes16 made;                                                   \
  for (int i = 0; i < 16; i++) made.lane[i] = (uint8_t)(expression);  \
  return made

ILS_INLINE ils_bytes16 ils_load16(const void *p) {
  ils_bytes16 v;
  memcpy(v.lane, p, 16);
  return v;
}
ILS_INLINE ils_bytes16 ils_is16(ils_bytes16 v, uint8_t byte) { ILS_EACH_LANE(v.lane[i] == byte ? 0xFF : 0); }
ILS_INLINE ils_bytes16 ils_same16(ils_bytes16 a, ils_bytes16 b) { ILS_EACH_LANE(a.lane[i] == b.lane[i] ? 0xFF : 0); }
ILS_INLINE ils_bytes16 ils_below16(ils_bytes16 v, uint8_t limit) { ILS_EACH_LANE(v.lane[i] < limit ? 0xFF : 0); }
ILS_INLINE ils_bytes16 ils_minus16(ils_bytes16 v, uint8_t byte) { ILS_EACH_LANE(v.lane[i] - byte); }
ILS_INLINE ils_bytes16 ils_set16(ils_bytes16 v, uint8_t bits) { ILS_EACH_LANE(v.lane[i] | bits); }
ILS_INLINE ils_bytes16 ils_or16(ils_bytes16 a, ils_bytes16 b) { ILS_EACH_LANE(a.lane[i] | b.lane[i]); }
#undef ILS_EACH_LANE

/* Bytes of 0x80 and above, which the lanes of a test are, too. */
ILS_INLINE uint32_t ils_high16(ils_bytes16 v) {
  uint32_t bits = 0;
  for (int i = 0; i < 16; i++) bits |= (uint32_t)(v.lane[i] >> 7) << i;
  return bits;
}
ILS_INLINE uint32_t ils_bits16(ils_bytes16 lanes) { return ils_high16(lanes); }
