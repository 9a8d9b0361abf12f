/*
 * Sixteen bytes as one value: SSE2 on x86-64, NEON on arm64, plain C elsewhere or where ILS_PLAIN is defined. All three give
 * the same answers, which Tests/ILSRecordTests/ScanTests holds them to. A test answers with lanes of ones and zeros;
 * ils_bits16 makes a number of them, in which bit i speaks of byte i.
 */
#ifndef ILS_BYTES16_H
#define ILS_BYTES16_H

#include <stdint.h>
#include <string.h>

#define ILS_INLINE __attribute__((always_inline)) static inline

#if defined(__SSE2__) && !defined(ILS_PLAIN)
#include "bytes16-sse2.h"
#elif defined(__aarch64__) && !defined(ILS_PLAIN)
#include "bytes16-neon.h"
#else
#include "bytes16-plain.h"
#endif

/* Lanes whose byte is one of `count` from `first` on. */
ILS_INLINE ils_bytes16 ils_among16(ils_bytes16 v, uint8_t first, uint8_t count) {
  return ils_below16(ils_minus16(v, first), count);
}

#endif
