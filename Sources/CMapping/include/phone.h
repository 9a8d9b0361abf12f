/* What ILSMapping holds of phone numbers, sixteen bytes at a time. */
#ifndef ILS_PHONE_H
#define ILS_PHONE_H

#include "cscan.h"

/* Low 16 bits: ASCII digits; high 16 bits: bytes that are neither digits nor what people put between those of a phone. */
ILS_INLINE uint32_t ils_phone_mask16(const void *p) {
  ils_bytes16 v = ils_load16(p);
  uint32_t digits = ils_bits16(ils_among16(v, '0', 10));
  ils_bytes16 between = ils_or16(ils_or16(ils_is16(v, ' '), ils_is16(v, '-')),
                                 ils_or16(ils_or16(ils_is16(v, '('), ils_is16(v, ')')), ils_is16(v, '.')));
  return digits | ((~(digits | ils_bits16(between)) & 0xFFFF) << 16);
}

#endif
