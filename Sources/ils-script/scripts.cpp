#include "scripts.h"

#include <js/CompilationAndEvaluation.h>
#include <js/Conversions.h>
#include <js/Exception.h>
#include <js/JSON.h>
#include <js/SourceText.h>
#include <jsapi.h>

#include <cstring>

#include "clock.h"
#include "realm.h"
#include "values.h"

namespace {

/* An answer may be this long, or a few times as long as what it was made of. */
constexpr size_t answer_limit = 1 << 20;
constexpr size_t answer_growth = 4;
constexpr size_t message_limit = 400;
const char file_name[] = "customTransform";

bool mentions(std::string_view source, const char *word) { return source.find(word) != source.npos; }

/* Whether a function's text may look at its second parameter. A backslash can spell any name. */
bool takes_record(std::string_view source) {
  for (const char *word : {"record", "arguments", "...", "\\"})
    if (mentions(source, word)) return true;
  return false;
}

/* Whether the function in `source` names a second parameter; one with a default value does not count in its length. */
bool names_second_parameter(std::string_view source) {
  size_t arrow = source.find("=>");
  return mentions(source.substr(0, arrow != source.npos ? arrow : source.find('{')), ",");
}

/* Without the semicolons and blanks behind an expression. */
std::string bare(std::string source) {
  size_t last = source.find_last_not_of(" \t\r\n;");
  source.resize(last == source.npos ? 0 : last + 1);
  return source;
}

/* The name of the exception's class and its line; its message, which may hold what the value held, goes to `message`. */
std::string describe(JSContext *cx, JS::HandleObject exception, std::string &message) {
  static const char *const names[] = {"Error",      "InternalError",  "AggregateError", "EvalError",
                                      "RangeError", "ReferenceError", "SyntaxError",    "TypeError"};
  JSErrorReport *report = JS_ErrorFromException(cx, exception);
  if (!report) return "something that is no Error";
  std::string name = report->exnType >= 0 && report->exnType < 8 ? names[report->exnType] : "Error";
  bool is_of_the_script = report->filename && strcmp(report->filename, file_name) == 0;
  if (is_of_the_script && report->lineno > 0) name += " (line " + std::to_string(report->lineno) + ")";
  if (report->message()) message.assign(report->message().c_str(), 0, message_limit);
  return name;
}

}  // namespace

/* A sandboxed reason: `time`, `memory`, or the name of the pending exception, a tab, and its message. */
void Scripts::fail(std::string &reply, bool is_over) {
  reply = "!";
  if (is_over) {
    reply += "time";
    JS_ClearPendingException(cx);
    return;
  }
  bool out_of_memory = JS_IsThrowingOutOfMemory(cx);
  JS::RootedValue exception(cx);
  if (!JS_IsExceptionPending(cx) || !JS_GetPendingException(cx, &exception)) out_of_memory = !JS_IsExceptionPending(cx);
  JS_ClearPendingException(cx);
  std::string name = "something that is no Error", message;
  if (!out_of_memory && exception.isObject()) {
    JS::RootedObject object(cx, &exception.toObject());
    name = describe(cx, object, message);
    JS_ClearPendingException(cx);
    /* Regular expressions run out of stack by memory. */
    out_of_memory = name.compare(0, 13, "InternalError") == 0 && message.find("memory") != message.npos;
  }
  if (out_of_memory) {
    reply += "memory";
    JS_GC(cx);
    return;
  }
  reply += name + '\t';
  for (char c : message) reply += c == '\n' || c == '\r' ? ' ' : c;
}

/* A function with `parameters` of (value, record). Its text cannot reach beyond its body: that is parsed alone. */
JSFunction *Scripts::function(unsigned parameters, const std::string &body) {
  static const char *const names[] = {"value", "record"};
  JS::SourceText<mozilla::Utf8Unit> text;
  JS::CompileOptions options(cx);
  options.setFileAndLine(file_name, 0);
  JS::RootedObjectVector scopes(cx);
  if (!text.init(cx, body.data(), body.size(), JS::SourceOwnership::Borrowed)) return nullptr;
  return JS::CompileFunction(cx, scopes, options, nullptr, parameters, names, text);
}

/* Whether `source`, as an expression of no names, is a function. */
bool Scripts::is_function(const std::string &source) {
  JS::RootedFunction probe(cx, function(0, "\"use strict\"; return (" + source + "\n)"));
  JS::RootedValue made(cx);
  return probe && JS_CallFunction(cx, nullptr, probe, JS::HandleValueArray::empty(), &made) && made.isObject() &&
         JS_ObjectIsFunction(&made.toObject());
}

bool Scripts::add(const std::string &body) {
  JS::RootedFunction made(cx, function(2, body));
  if (!made) return false;
  JS::RootedObject object(cx, JS_GetFunctionObject(made));
  return JS_FreezeObject(cx, object) && functions.append(object);
}

void Scripts::compile(std::string_view source, std::string &reply) {
  JS::RootedValue text(cx);
  if (!parse_json(cx, source, &text) || !text.isString()) return fail(reply, false);
  JS::RootedString script(cx, text.toString());
  JS::UniqueChars chars = JS_EncodeStringToUTF8(cx, script);
  if (!chars) return fail(reply, false);
  const std::string given(chars.get()), plain = bare(given);
  call_clock::begin();
  bool is_written_as_function = is_function(plain);
  bool is_over = call_clock::end();
  if (is_over) return fail(reply, true);
  JS_ClearPendingException(cx);
  if (is_written_as_function) {
    if (!add("\"use strict\"; return (" + plain + "\n)(value, record)")) return fail(reply, false);
    reply = takes_record(given) || names_second_parameter(plain) ? "=1" : "=0";
    return;
  }
  /* An expression, or else the body of a function, as the guide's users write it. */
  if (!add("\"use strict\"; return (" + plain + "\n)")) {
    JS_ClearPendingException(cx);
    if (!add("\"use strict\"; " + given)) return fail(reply, false);
    if (!mentions(given, "return") && !mentions(given, "throw")) {
      reply = "!a function's body that returns nothing\twrite return in front of what it shall give";
      return;
    }
  }
  reply = takes_record(given) ? "=1" : "=0";
}

/* Reads `value` or `value,record`. A string ends at its closing quote; whatever else is left is the record. */
bool Scripts::read(std::string_view rest, JS::MutableHandleValue value, JS::MutableHandleValue record) {
  if (rest.size() >= 2 && rest[0] == '"') {
    size_t end = 1;
    for (; end < rest.size() && rest[end] != '"'; end++)
      if (rest[end] == '\\') end++;
    end++;
    return parse_json(cx, rest.substr(0, end), value) &&
           (end + 1 >= rest.size() || parse_json(cx, rest.substr(end + 1), record));
  }
  JS::RootedValue both(cx);
  if (!parse_json(cx, std::string("[") + std::string(rest) + "]", &both)) return false;
  JS::RootedObject list(cx, &both.toObject());
  return JS_GetElement(cx, list, 0, value) && JS_GetElement(cx, list, 1, record);
}

void Scripts::call(std::string_view line, std::string &reply) {
  size_t index = 0, at = 1;
  while (at < line.size() && line[at] != ',') index = index * 10 + static_cast<size_t>(line[at++] - '0');
  if (index >= functions.length() || line.size() < at + 2) {
    reply = "!protocol";
    return;
  }
  JS::RootedValueArray<2> arguments(cx);
  if (!forget_matches(cx) || !read(line.substr(at + 1, line.size() - at - 2), arguments[0], arguments[1]))
    return fail(reply, false);
  JS::RootedValue outcome(cx), function(cx, JS::ObjectValue(*functions[index]));
  reply = "=";
  call_clock::begin();
  Written written = JS_CallFunctionValue(cx, nullptr, function, arguments, &outcome)
                        ? append_json(cx, &outcome, answer_limit + answer_growth * line.size(), reply)
                        : Written::failed;
  bool is_over = call_clock::end();
  if (is_over || written == Written::failed) return fail(reply, is_over);
  if (written == Written::whole) return;
  JS_ClearPendingException(cx);
  reply = written == Written::too_long ? "!size" : "!value";
}
