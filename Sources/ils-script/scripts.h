#ifndef ILS_SCRIPT_SCRIPTS_H
#define ILS_SCRIPT_SCRIPTS_H

#include <string>
#include <string_view>

struct JSContext;

/*
 * Custom functions, compiled once and called by number.
 *
 * The realm has the language and nothing else: no input or output, no clock, no chance. Functions keep no global state.
 */
class Scripts {
 public:
  /* Starts the engine. Null where it does not start. */
  static Scripts *start();

  /*
   * Compiles the JSON string `source`: a function of (value, record), an expression, or a function's body. Appends to
   * `reply` `=1` where it looks at the record, `=0` where not, or `!` and what is wrong.
   */
  void compile(std::string_view source, std::string &reply);

  /* Makes the call in `line`, `[script,value]` or `[script,value,record]`; appends `=` and JSON, or `!` and a reason. */
  void call(std::string_view line, std::string &reply);

 private:
  JSContext *cx = nullptr;
  struct State;
  State *state = nullptr;

  void fail(std::string &reply);
};

#endif
