#include "realm.h"

#include <js/CompilationAndEvaluation.h>
#include <js/ContextOptions.h>
#include <js/HelperThreadAPI.h>
#include <js/Initialization.h>
#include <js/Principals.h>
#include <js/Promise.h>
#include <js/RegExp.h>
#include <js/SourceText.h>
#include <jsapi.h>

namespace {

/* The garbage-collected heap may grow this large. */
constexpr unsigned heap_limit = 256u << 20;
constexpr unsigned stack_limit = 512u << 10;

/*
 * Takes away what tells the time, chance, code out of values, and what runs behind a call; then freezes all that is
 * left, by walking from the global object and from those objects that only syntax leads to. What the last regular
 * expression found (`RegExp.$1`) is no property of an object: `forget_matches` clears it.
 */
const char prelude[] = R"js((function () {
  "use strict";
  const none = (what) => () => { throw new TypeError("there is no " + what + " here"); };
  const clocked = Date;
  delete clocked.now;
  const proxy = new Proxy(clocked, {
    construct(target, list, made) { return list.length ? Reflect.construct(target, list, made) : none("clock")(); },
    apply: none("clock"),
  });
  Object.defineProperty(clocked.prototype, "constructor", { value: proxy });
  Object.defineProperty(globalThis, "Date", { value: proxy });
  if (globalThis.Intl) delete Intl.DateTimeFormat;
  for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) delete clocked.prototype[name];
  Math.random = none("chance");
  for (const name of ["eval", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics", "WebAssembly"])
    delete globalThis[name];
  for (const name of ["caller", "arguments"]) delete Function.prototype[name];

  const seen = new Set();
  const left = [
    globalThis, function* () {}, (function* () {})(), async function () {}, async function* () {},
    (async function* () {})(), [][Symbol.iterator](), ""[Symbol.iterator](), new Map().entries(), new Set().values(),
    "a".matchAll(/a/g), (function () { return arguments; })(), [1].entries(), new Int8Array(1).entries(),
  ];
  if (globalThis.Intl && Intl.Segmenter) {
    const segments = new Intl.Segmenter().segment("a");
    left.push(segments, segments[Symbol.iterator]());
  }
  while (left.length) {
    const thing = left.pop();
    if (thing === null || (typeof thing !== "object" && typeof thing !== "function") || seen.has(thing)) continue;
    seen.add(thing);
    left.push(Object.getPrototypeOf(thing));
    for (const key of Reflect.ownKeys(thing)) {
      const found = Object.getOwnPropertyDescriptor(thing, key);
      left.push(found.value, found.get, found.set);
    }
    if (!ArrayBuffer.isView(thing)) Object.freeze(thing);
  }
})())js";

const JSClass global_class = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

bool refuse_code(JSContext *, JS::RuntimeCode, JS::HandleString) { return false; }

const JSSecurityCallbacks no_code = {refuse_code, nullptr};

/* What a script puts behind its call never runs: a call has ended when it has returned. */
class NoJobs : public JS::JobQueue {
 public:
  JSObject *getIncumbentGlobal(JSContext *cx) override { return JS::CurrentGlobalOrNull(cx); }
  bool enqueuePromiseJob(JSContext *, JS::HandleObject, JS::HandleObject, JS::HandleObject, JS::HandleObject) override {
    return true;
  }
  void runJobs(JSContext *) override {}
  bool empty() const override { return true; }

 protected:
  js::UniquePtr<SavedJobQueue> saveJobQueue(JSContext *) override { return nullptr; }
};

NoJobs no_jobs;

/* There is one thread: tasks that the engine would give to others it does itself when it needs what they do. */
void leave_task(JS::DispatchReason) {}

JSContext *start_engine() {
  JS::DisableJitBackend();
  if (!JS_Init()) return nullptr;
  JS::SetHelperThreadTaskCallback(leave_task, 1, stack_limit);
  JSContext *cx = JS_NewContext(heap_limit);
  if (!cx) return nullptr;
  JS::ContextOptionsRef(cx).setAsmJS(false).setWasm(false).setAsyncStack(false);
  JS_SetGCParameter(cx, JSGC_MAX_BYTES, heap_limit);
  JS_SetNativeStackQuota(cx, stack_limit);
  JS_SetSecurityCallbacks(cx, &no_code);
  JS::SetJobQueue(cx, &no_jobs);
  return JS::InitSelfHostedCode(cx) ? cx : nullptr;
}

}  // namespace

JSContext *start_realm() {
  JSContext *cx = start_engine();
  if (!cx) return nullptr;
  JS::RealmOptions options;
  options.creationOptions()
      .setSharedMemoryAndAtomicsEnabled(false)
      .setDefineSharedArrayBufferConstructor(false)
      .setWeakRefsEnabled(JS::WeakRefSpecifier::Disabled)
      .setStreamsEnabled(false)
      .setToSourceEnabled(false);
  JS::RootedObject global(cx, JS_NewGlobalObject(cx, &global_class, nullptr, JS::FireOnNewGlobalHook, options));
  if (!global) return nullptr;
  JS::EnterRealm(cx, global);
  JS::SourceText<mozilla::Utf8Unit> text;
  JS::RootedValue ignored(cx);
  JS::CompileOptions compile(cx);
  if (!JS_EnumerateStandardClasses(cx, global) ||
      !text.init(cx, prelude, sizeof prelude - 1, JS::SourceOwnership::Borrowed) ||
      !JS::Evaluate(cx, compile, text, &ignored))
    return nullptr;
  return cx;
}

/* A match of nothing in nothing takes the place of the last one. (`JS::ClearRegExpStatics` of release 102 leaves the next
 * look at them a null pointer.) */
bool forget_matches(JSContext *cx) {
  static JS::PersistentRootedObject nothing(cx, JS::NewRegExpObject(cx, "", 0, JS::RegExpFlag::NoFlags));
  JS::RootedObject global(cx, JS::CurrentGlobalOrNull(cx));
  JS::RootedValue ignored(cx);
  size_t start = 0;
  return nothing && JS::ExecuteRegExp(cx, global, nothing, u"", 0, &start, true, &ignored);
}
