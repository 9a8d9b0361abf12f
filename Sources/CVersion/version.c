#include "version.h"

#ifndef ILS_COMMIT
#define ILS_COMMIT ""
#endif

const char *ils_commit(void) { return ILS_COMMIT; }
