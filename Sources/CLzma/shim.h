#include <lzma.h>

/* A macro that Swift cannot see. */
static const uint32_t ils_lzma_concatenated = LZMA_CONCATENATED;
