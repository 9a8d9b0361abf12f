/* Keyed hashes of 128 bits of the texts that tell who is who, folded on the way: for tables and filters, not for signatures. */
#ifndef ILS_HASHES_H
#define ILS_HASHES_H

#include "cscan.h"

typedef struct {
  uint64_t first, second;
} ils_hash;

/* How a text is folded: not at all, ASCII letters in lower case, or that of a text that is ASCII letters and nothing else. */
enum { ILS_FOLD_NONE, ILS_FOLD_CASE, ILS_FOLD_LETTERS };

/* Mixes two words into a hash: a product of 128 bits, of which both halves go into both words. */
ILS_INLINE ils_hash ils_hash_mix(ils_hash hash, uint64_t first, uint64_t second) {
  unsigned __int128 product = (unsigned __int128)(hash.first ^ first) * (hash.second ^ second);
  uint64_t low = (uint64_t)product, high = (uint64_t)(product >> 64);
  ils_hash mixed = {low ^ high, low + high * 0x9E3779B97F4A7C15};
  return mixed;
}

/* Eight bytes of ASCII with letters in lower case; what is no ASCII spoils the bytes behind it. */
ILS_INLINE uint64_t ils_lower8(uint64_t bytes) {
  const uint64_t each = 0x0101010101010101;
  uint64_t fromA = bytes + each * (0x80 - 'A'), behindZ = bytes + each * (0x7F - 'Z');
  return bytes | (fromA & ~behindZ & each * 0x80) >> 2;
}

/* Sixteen bytes of a text as two words, folded; the first `count` of them, and zeros. False where they can't be. */
ILS_INLINE int ils_hash_words(uint64_t words[2], const uint8_t *text, long count, int folding) {
  static const uint64_t masks[4] = {~(uint64_t)0, ~(uint64_t)0, 0, 0};
  uint64_t mask[2];
  if (folding == ILS_FOLD_LETTERS) {
    uint32_t own = count < 16 ? (1u << count) - 1 : 0xFFFF;
    if ((~ils_letters16(words, text) & own) != 0) return 0;
  } else {
    memcpy(words, text, 16);
    if (folding == ILS_FOLD_CASE) words[0] = ils_lower8(words[0]), words[1] = ils_lower8(words[1]);
  }
  if (count >= 16) return 1;
  memcpy(mask, (const uint8_t *)masks + 16 - count, 16);
  words[0] &= mask[0], words[1] &= mask[1];
  return 1;
}

/*
 * Hashes a text with sixteen readable bytes behind it; what must be ASCII to be folded, is. Texts that fold to the same bytes
 * have the same hash, whichever folding that took. False where the folding does not do.
 */
ILS_INLINE int ils_hash_text(ils_hash *hash, const void *text, long count, int folding, ils_hash seed) {
  ils_hash state = {seed.first ^ (uint64_t)count * 0xC2B2AE3D27D4EB4F, seed.second};
  for (long at = 0; at < count; at += 16) {
    uint64_t words[2];
    if (!ils_hash_words(words, (const uint8_t *)text + at, count - at, folding)) return 0;
    state = ils_hash_mix(state, words[0], words[1]);
  }
  *hash = ils_hash_mix(state, 0xD1B54A32D192ED03, 0x8CB92BA72F3D8DD7);
  return 1;
}

#endif
