#ifndef ILS_VERSION_H
#define ILS_VERSION_H

/* The commit that this was built from, as git describes it; empty where scripts/install did not say (ILS_COMMIT). */
const char *ils_commit(void);

#endif
