#ifndef ILS_SCRIPT_REALM_H
#define ILS_SCRIPT_REALM_H

#include <js/TypeDecls.h>

/*
 * Starts the engine with one realm in which nothing can be kept.
 *
 * Whatever a script can reach without having made it is frozen: every object of the language, those without a name too.
 * What it makes is gone when its call ends. No clock, no chance, no code out of values (eval, Function), no compiler:
 * the engine only interprets, and makes no memory executable. Null where it does not start.
 */
JSContext *start_realm();

/* Forgets what the last regular expression found, before each call. */
bool forget_matches(JSContext *cx);

#endif
