#include "scripts.h"

#include <js/CompilationAndEvaluation.h>
#include <js/Conversions.h>
#include <js/Exception.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/JSON.h>
#include <js/Promise.h>
#include <js/SourceText.h>
#include <jsapi.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace {

/* A call may run this long, and the garbage-collected heap may grow this large. */
constexpr auto tick = std::chrono::milliseconds(50);
constexpr int ticks_per_call = 5;
constexpr unsigned heap_limit = 256u << 20;

/* The number of the call that runs; 0 between calls. */
std::atomic<unsigned long> running{0};
std::atomic<bool> timed_out{false};

bool interrupted(JSContext *) { return !timed_out.load(); }

/* Looks in every tick: what has been running for all of the last few is ended. */
void watch(JSContext *cx) {
  unsigned long seen = 0;
  int ticks = 0;
  for (;;) {
    std::this_thread::sleep_for(tick);
    unsigned long now = running.load();
    ticks = now != 0 && now == seen ? ticks + 1 : 0;
    seen = now;
    if (ticks >= ticks_per_call) {
      timed_out = true;
      JS_RequestInterruptCallback(cx);
    }
  }
}

/* Takes the clock and chance away: the same record gives the same outcome on every run. */
const char prelude[] = R"js((function () {
  const clocked = Date;
  const none = () => { throw new TypeError("there is no clock here"); };
  delete clocked.now;
  const proxy = new Proxy(clocked, {
    construct(target, list, made) { return list.length ? Reflect.construct(target, list, made) : none(); },
    apply: none,
  });
  Object.defineProperty(clocked.prototype, "constructor", { value: proxy });
  Object.defineProperty(globalThis, "Date", { value: proxy });
  if (globalThis.Intl) delete Intl.DateTimeFormat;
  Math.random = () => { throw new TypeError("there is no chance here"); };
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) delete clocked.prototype[name];
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const value = globalThis[name];
    if (typeof value === "function" || (typeof value === "object" && value !== null && value !== globalThis)) {
      Object.freeze(value);
      if (value.prototype) Object.freeze(value.prototype);
    }
  }
  Object.freeze(globalThis);
})())js";

const JSClass global_class = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

bool is_ascii(std::string_view text) {
  for (unsigned char byte : text)
    if (byte >= 0x80) return false;
  return true;
}

JSString *string_of(JSContext *cx, std::string_view text) {
  if (is_ascii(text)) return JS_NewStringCopyN(cx, text.data(), text.size());
  return JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(text.data(), text.size()));
}

bool parse(JSContext *cx, std::string_view json, JS::MutableHandleValue value) {
  if (json.size() >= 2 && json.front() == '"' && json.find('\\') == json.npos && json.find('"', 1) == json.size() - 1) {
    JSString *string = string_of(cx, json.substr(1, json.size() - 2));
    if (!string) return false;
    value.setString(string);
    return true;
  }
  JS::RootedString text(cx, string_of(cx, json));
  return text && JS_ParseJSON(cx, text, value);
}

/* Appends one UTF-16 text as UTF-8; false where it holds half a surrogate pair. */
template <typename Unit>
bool append_utf8(const Unit *units, size_t count, bool quotes, std::string &out) {
  static const char hex[] = "0123456789abcdef";
  for (size_t at = 0; at < count; at++) {
    uint32_t c = units[at];
    if (quotes && (c == '"' || c == '\\')) {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out += '\\';
      out += c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
    } else if (c < 0x20) {
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
    } else if (c < 0x80) {
      out += static_cast<char>(c);
    } else {
      if (sizeof(Unit) == 2 && c >= 0xD800 && c < 0xE000) {
        if (c >= 0xDC00 || at + 1 == count || (units[at + 1] & 0xFC00) != 0xDC00) return false;
        c = 0x10000 + ((c & 0x3FF) << 10) + (static_cast<uint32_t>(units[++at]) & 0x3FF);
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
  }
  return true;
}

bool append_json_string(JSContext *cx, JSString *string, std::string &out) {
  JSString *flat = JS_EnsureLinearString(cx, string) ? string : nullptr;
  if (!flat) return false;
  JS::AutoCheckCannotGC still;
  size_t count;
  out += '"';
  bool whole;
  if (JS::StringHasLatin1Chars(flat)) {
    const JS::Latin1Char *units = JS_GetLatin1StringCharsAndLength(cx, still, flat, &count);
    whole = append_utf8(units, count, true, out);
  } else {
    const char16_t *units = JS_GetTwoByteStringCharsAndLength(cx, still, flat, &count);
    whole = append_utf8(units, count, true, out);
  }
  out += '"';
  return whole;
}

bool append_units(const char16_t *units, uint32_t count, void *to) {
  return append_utf8(units, count, false, *static_cast<std::string *>(to));
}

/* Appends what a script returned; false, with nothing pending, where it is no JSON value. */
bool append_json(JSContext *cx, JS::MutableHandleValue value, std::string &out) {
  if (value.isUndefined() || value.isNull()) {
    out += "null";
    return true;
  }
  if (value.isBoolean()) {
    out += value.toBoolean() ? "true" : "false";
    return true;
  }
  if (value.isString()) return append_json_string(cx, value.toString(), out);
  if (value.isDouble() && !(value.toDouble() - value.toDouble() == 0)) return false;
  if (value.isSymbol() || value.isBigInt()) return false;
  if (value.isObject()) {
    JS::RootedObject object(cx, &value.toObject());
    if (JS::IsPromiseObject(object) || JS_ObjectIsFunction(object)) return false;
  }
  size_t before = out.size();
  return JS_Stringify(cx, value, nullptr, JS::NullHandleValue, append_units, &out) && out.size() > before;
}

bool mentions(std::string_view source, const char *word) { return source.find(word) != source.npos; }

}  // namespace

struct Scripts::State {
  JS::PersistentRootedObject global;
  JS::PersistentRooted<JS::GCVector<JS::Value, 8, js::SystemAllocPolicy>> functions;
  unsigned long calls = 0;

  explicit State(JSContext *cx) : global(cx), functions(cx, JS::GCVector<JS::Value, 8, js::SystemAllocPolicy>()) {}
};

Scripts *Scripts::start() {
  if (!JS_Init()) return nullptr;
  JSContext *cx = JS_NewContext(heap_limit);
  if (!cx || !JS::InitSelfHostedCode(cx)) return nullptr;
  JS_SetGCParameter(cx, JSGC_MAX_BYTES, heap_limit);
  JS_SetNativeStackQuota(cx, 512 << 10);
  JS_AddInterruptCallback(cx, interrupted);
  JS::RealmOptions options;
  options.creationOptions().setSharedMemoryAndAtomicsEnabled(false);
  auto *scripts = new Scripts;
  scripts->cx = cx;
  scripts->state = new State(cx);
  scripts->state->global.set(JS_NewGlobalObject(cx, &global_class, nullptr, JS::FireOnNewGlobalHook, options));
  if (!scripts->state->global) return nullptr;
  JS::EnterRealm(cx, scripts->state->global);
  JS::SourceText<mozilla::Utf8Unit> text;
  JS::RootedValue ignored(cx);
  JS::CompileOptions compile(cx);
  if (!text.init(cx, prelude, sizeof prelude - 1, JS::SourceOwnership::Borrowed) ||
      !JS::Evaluate(cx, compile, text, &ignored))
    return nullptr;
  std::thread(watch, cx).detach();
  return scripts;
}

/* The name of the pending exception, a tab, and its message, which may hold what the value held. */
void Scripts::fail(std::string &reply) {
  reply += '!';
  if (timed_out.exchange(false)) {
    reply += "time";
    JS_ClearPendingException(cx);
    return;
  }
  bool out_of_memory = JS_IsThrowingOutOfMemory(cx);
  JS::RootedValue exception(cx);
  if (!JS_IsExceptionPending(cx) || !JS_GetPendingException(cx, &exception)) out_of_memory = !JS_IsExceptionPending(cx);
  JS_ClearPendingException(cx);
  if (out_of_memory) {
    reply += "memory";
    JS_GC(cx);
    return;
  }
  std::string name = "something that is no Error", message;
  if (exception.isObject()) {
    JS::RootedObject object(cx, &exception.toObject());
    if (JSErrorReport *report = JS_ErrorFromException(cx, object)) {
      static const char *const names[] = {"Error",       "InternalError", "AggregateError", "EvalError",
                                          "RangeError",  "ReferenceError", "SyntaxError",   "TypeError"};
      name = report->exnType >= 0 && report->exnType < 8 ? names[report->exnType] : "Error";
      if (report->lineno > 0) name += " (line " + std::to_string(report->lineno) + ")";
      if (report->message()) message = report->message().c_str();
    }
  }
  JS_ClearPendingException(cx);
  /* "allocation size overflow" and the like are memory too, and regular expressions run out of stack by memory. */
  reply += name == "InternalError" && message.find("memory") != message.npos ? "memory" : name;
  reply += '\t';
  for (char c : message) reply += c == '\n' || c == '\r' ? ' ' : c;
}

void Scripts::compile(std::string_view source, std::string &reply) {
  JS::RootedValue text(cx), made(cx);
  if (!parse(cx, source, &text) || !text.isString()) return fail(reply);
  JS::RootedString script(cx, text.toString());
  JS::UniqueChars chars = JS_EncodeStringToUTF8(cx, script);
  if (!chars) return fail(reply);
  const std::string given(chars.get());
  running = ++state->calls;
  auto evaluate = [&](const std::string &program) {
    JS::SourceText<mozilla::Utf8Unit> text;
    JS::CompileOptions options(cx);
    options.setFileAndLine("customTransform", 1);
    return text.init(cx, program.data(), program.size(), JS::SourceOwnership::Borrowed) &&
           JS::Evaluate(cx, options, text, &made);
  };
  auto is_function = [&] { return made.isObject() && JS_ObjectIsFunction(&made.toObject()); };
  bool takes_record = mentions(given, "record") || mentions(given, "arguments") || mentions(given, "...") ||
                      mentions(given, "eval");
  bool is_written_as_function = evaluate("\"use strict\"; (" + given + "\n)") && is_function();
  if (is_written_as_function) {
    JS::RootedFunction function(cx, JS_ValueToFunction(cx, made));
    uint16_t length = 0;
    if (function && JS_GetFunctionLength(cx, function, &length)) takes_record = takes_record || length != 1;
    /* A second parameter with a default value does not count towards the length. */
    size_t arrow = given.find("=>");
    std::string_view head = std::string_view(given).substr(0, arrow != given.npos ? arrow : given.find('{'));
    if (mentions(head, ",")) takes_record = true;
  } else {
    /* An expression, or else the body of a function, as the guide's users write it. */
    JS_ClearPendingException(cx);
    timed_out = false;
    if (!evaluate("\"use strict\"; (function (value, record) { return (" + given + "\n) })")) {
      JS_ClearPendingException(cx);
      if (!evaluate("\"use strict\"; (function (value, record) {" + given + "\n})") || !is_function()) {
        running = 0;
        return fail(reply);
      }
    }
  }
  running = 0;
  if (!state->functions.append(made)) return fail(reply);
  reply += takes_record ? "=1" : "=0";
}

void Scripts::call(std::string_view line, std::string &reply) {
  size_t index = 0, at = 1;
  while (at < line.size() && line[at] != ',') index = index * 10 + static_cast<size_t>(line[at++] - '0');
  if (index >= state->functions.length() || line.size() < at + 2) {
    reply += "!protocol";
    return;
  }
  std::string_view rest = line.substr(at + 1, line.size() - at - 2);
  JS::RootedValueArray<2> arguments(cx);
  running = ++state->calls;
  bool is_read;
  /* A string ends at its closing quote; whatever else is left is the record. */
  size_t end = rest.size();
  if (rest.size() >= 2 && rest[0] == '"') {
    for (end = 1; end < rest.size() && rest[end] != '"'; end++)
      if (rest[end] == '\\') end++;
    end++;
    is_read = parse(cx, rest.substr(0, end), arguments[0]);
    if (is_read && end + 1 < rest.size()) is_read = parse(cx, rest.substr(end + 1), arguments[1]);
  } else {
    JS::RootedValue both(cx);
    JS::RootedString text(cx, string_of(cx, std::string("[") + std::string(rest) + "]"));
    is_read = text && JS_ParseJSON(cx, text, &both);
    if (is_read) {
      JS::RootedObject list(cx, &both.toObject());
      is_read = JS_GetElement(cx, list, 0, arguments[0]) && JS_GetElement(cx, list, 1, arguments[1]);
    }
  }
  JS::RootedValue outcome(cx), function(cx, state->functions[index]);
  size_t before = reply.size();
  reply += '=';
  bool is_done = is_read && JS_CallFunctionValue(cx, nullptr, function, arguments, &outcome) &&
                 append_json(cx, &outcome, reply);
  running = 0;
  if (is_done && !timed_out.load()) return;
  reply.resize(before);
  if (is_read && !JS_IsExceptionPending(cx) && !timed_out.load() && !outcome.isUndefined()) {
    reply += "!value";
    return;
  }
  fail(reply);
}
