#ifndef ILS_SCRIPT_VALUES_H
#define ILS_SCRIPT_VALUES_H

#include <js/TypeDecls.h>

#include <string>
#include <string_view>

/* Reads one JSON value; false, with an exception pending, where it is none. */
bool parse_json(JSContext *cx, std::string_view json, JS::MutableHandleValue value);

enum class Written {
  whole,
  /* It is no JSON value: a function, a promise, a number without end, half a character. */
  no_value,
  /* It is longer than it may be. */
  too_long,
  /* The engine said why. */
  failed,
};

/* Appends `value` as JSON in UTF-8 to `out`, which may grow to `most` bytes; undefined becomes null. */
Written append_json(JSContext *cx, JS::MutableHandleValue value, size_t most, std::string &out);

#endif
