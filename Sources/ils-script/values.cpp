#include "values.h"

#include <js/Conversions.h>
#include <js/JSON.h>
#include <js/Promise.h>
#include <jsapi.h>

namespace {

bool is_ascii(std::string_view text) {
  for (unsigned char byte : text)
    if (byte >= 0x80) return false;
  return true;
}

JSString *string_of(JSContext *cx, std::string_view text) {
  if (is_ascii(text)) return JS_NewStringCopyN(cx, text.data(), text.size());
  return JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(text.data(), text.size()));
}

void append_escaped(uint32_t control, std::string &out) {
  static const char hex[] = "0123456789abcdef";
  if (control == '\n' || control == '\t' || control == '\r') {
    out += '\\';
    out += control == '\n' ? 'n' : control == '\t' ? 't' : 'r';
    return;
  }
  out += "\\u00";
  out += hex[control >> 4];
  out += hex[control & 15];
}

void append_scalar(uint32_t c, std::string &out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      out += static_cast<char>(0xE0 | c >> 12);
    } else {
      out += static_cast<char>(0xF0 | c >> 18);
      out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    }
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (c & 0x3F));
}

/* Appends one UTF-16 text as UTF-8; false where it holds half a surrogate pair. */
template <typename Unit>
bool append_utf8(const Unit *units, size_t count, bool quotes, std::string &out) {
  for (size_t at = 0; at < count; at++) {
    uint32_t c = units[at];
    if (quotes && (c == '"' || c == '\\')) out += '\\';
    if (c < 0x20) {
      append_escaped(c, out);
      continue;
    }
    if (sizeof(Unit) == 2 && c >= 0xD800 && c < 0xE000) {
      if (c >= 0xDC00 || at + 1 == count || (units[at + 1] & 0xFC00) != 0xDC00) return false;
      c = 0x10000 + ((c & 0x3FF) << 10) + (static_cast<uint32_t>(units[++at]) & 0x3FF);
    }
    append_scalar(c, out);
  }
  return true;
}

Written append_string(JSContext *cx, JSString *string, size_t most, std::string &out) {
  if (JS_GetStringLength(string) > most) return Written::too_long;
  if (!JS_EnsureLinearString(cx, string)) return Written::failed;
  JS::AutoCheckCannotGC still;
  size_t count;
  out += '"';
  bool is_whole;
  if (JS::StringHasLatin1Chars(string)) {
    const JS::Latin1Char *units = JS_GetLatin1StringCharsAndLength(cx, still, string, &count);
    is_whole = append_utf8(units, count, true, out);
  } else {
    const char16_t *units = JS_GetTwoByteStringCharsAndLength(cx, still, string, &count);
    is_whole = append_utf8(units, count, true, out);
  }
  out += '"';
  return !is_whole ? Written::no_value : out.size() > most ? Written::too_long : Written::whole;
}

struct Sink {
  std::string &out;
  size_t most;
  Written written = Written::whole;
};

bool append_units(const char16_t *units, uint32_t count, void *to) {
  Sink &sink = *static_cast<Sink *>(to);
  if (sink.out.size() + count > sink.most) sink.written = Written::too_long;
  else if (!append_utf8(units, count, false, sink.out)) sink.written = Written::no_value;
  return sink.written == Written::whole;
}

Written append_structure(JSContext *cx, JS::MutableHandleValue value, size_t most, std::string &out) {
  Sink sink = {out, most};
  size_t before = out.size();
  if (JS_Stringify(cx, value, nullptr, JS::NullHandleValue, append_units, &sink))
    return out.size() == before ? Written::no_value : out.size() > most ? Written::too_long : Written::whole;
  return sink.written == Written::whole ? Written::failed : sink.written;
}

}  // namespace

bool parse_json(JSContext *cx, std::string_view json, JS::MutableHandleValue value) {
  if (json.size() >= 2 && json.front() == '"' && json.find('\\') == json.npos && json.find('"', 1) == json.size() - 1) {
    JSString *string = string_of(cx, json.substr(1, json.size() - 2));
    if (!string) return false;
    value.setString(string);
    return true;
  }
  JS::RootedString text(cx, string_of(cx, json));
  return text && JS_ParseJSON(cx, text, value);
}

Written append_json(JSContext *cx, JS::MutableHandleValue value, size_t most, std::string &out) {
  if (value.isUndefined() || value.isNull()) {
    out += "null";
    return Written::whole;
  }
  if (value.isBoolean()) {
    out += value.toBoolean() ? "true" : "false";
    return Written::whole;
  }
  if (value.isString()) return append_string(cx, value.toString(), most, out);
  if (value.isDouble() && !(value.toDouble() - value.toDouble() == 0)) return Written::no_value;
  if (value.isSymbol() || value.isBigInt()) return Written::no_value;
  if (value.isObject()) {
    JS::RootedObject object(cx, &value.toObject());
    if (JS::IsPromiseObject(object) || JS_ObjectIsFunction(object)) return Written::no_value;
  }
  return append_structure(cx, value, most, out);
}
