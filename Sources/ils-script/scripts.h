#ifndef ILS_SCRIPT_SCRIPTS_H
#define ILS_SCRIPT_SCRIPTS_H

#include <js/GCVector.h>
#include <js/RootingAPI.h>

#include <string>
#include <string_view>

/*
 * Custom functions, compiled once and called by number.
 *
 * A function has nowhere to keep anything. What the language brings is frozen (`start_realm`), and a function's text is
 * evaluated anew in each call, so that what it closes over is made in that call too.
 */
class Scripts {
 public:
  explicit Scripts(JSContext *cx) : cx(cx), functions(cx) {}

  /*
   * Compiles the JSON string `source`: a function of (value, record), an expression, or a function's body. The reply is
   * `=1` where it looks at the record, `=0` where not, or `!` and what is wrong.
   */
  void compile(std::string_view source, std::string &reply);

  /* Makes the call in `line`, `[script,value]` or `[script,value,record]`; the reply is `=` and JSON, or `!` and a reason. */
  void call(std::string_view line, std::string &reply);

 private:
  JSContext *cx;
  JS::PersistentRootedObjectVector functions;

  JSFunction *function(unsigned parameters, const std::string &body);
  bool is_function(const std::string &source);
  bool add(const std::string &body);
  bool read(std::string_view rest, JS::MutableHandleValue value, JS::MutableHandleValue record);
  void fail(std::string &reply, bool is_over);
};

#endif
