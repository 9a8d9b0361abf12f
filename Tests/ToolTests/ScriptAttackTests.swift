import Foundation
import Testing

/// Custom functions that try to keep, stop, fill and leave; ils-map must hold.
@Suite struct ScriptAttackTests {
  /// Maps one record a value with `script`, and gives the lines that came out. A call that nobody ends ends the run with 137.
  private func run(_ script: String, _ values: [String]) throws -> (lines: [String], outcome: Outcome) {
    let scratch = try Scratch()
    let mapping = ["sourceField": "v", "targetField": "w", "transform": "custom", "customTransform": script]
    let json = try JSONSerialization.data(withJSONObject: ["mappings": [mapping]])
    try scratch.write("m.json", String(decoding: json, as: UTF8.self))
    try scratch.write("in.ndjson", values.enumerated().map { "{\"_row\":\($0 + 2),\"v\":\"\($1)\"}\n" }.joined())
    let outcome = try scratch.run("timeout -s KILL 600 ils-map -m m.json --rejects r in.ndjson")
    return (outcome.out.split(separator: "\n").map(String.init), outcome)
  }

  /// Each keeps `value` somewhere and gives back what it finds there of the call before.
  static let keepers = [
    "/(.*)/.test(value === 'b' ? '' : value) ; return RegExp.$1",
    "if (value !== 'b') /(.*)/.exec(value); return RegExp.lastMatch",
    "if (value !== 'b') /(.*)/.exec(value); return RegExp['$_'] + RegExp.input + RegExp.leftContext",
    "if (value !== 'b') RegExp.input = value; return RegExp.input",
    "const o = String.prototype.trim; const was = o.kept; try { o.kept = value } catch {} return was",
    "const was = globalThis.kept; try { globalThis.kept = value } catch {} return was",
    "function f() {} const was = f.kept; f.kept = value; return was",
    "((last) => (v) => { const was = last; last = v; return was })(null)",
    "(function f(v) { const was = f.kept; try { f.kept = v } catch {} return was })",
    "(() => { const kept = []; return (v) => { kept.push(v); return kept.join() } })()",
    "(() => { class K { static last = null } return (v) => { const was = K.last; K.last = v; return was } })()",
    "1) }); let kept = null; (function (value, record) { const was = kept; kept = value; return (was",
    "const was = [].kept; try { Array.prototype.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(function* () {}); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(async function () {}); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(async function* () {}).prototype; const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf([][Symbol.iterator]()); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(''[Symbol.iterator]()); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(new Map().keys()); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(new Set().keys()); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf('a'.matchAll(/a/g)); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Object.getPrototypeOf(Int8Array); const was = p.kept; try { p.kept = value } catch {} return was",
    "const p = Int8Array.prototype; const was = p.kept; try { p.kept = value } catch {} return was",
    "const d = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get; const was = d.kept; try { d.kept = value } catch {} return was",
    "const s = Symbol.iterator; const was = Array.prototype[s].kept; try { Array.prototype[s].kept = value } catch {} return was",
    "function tag(t) { const was = t.kept; try { t.kept = value } catch {} return was } return tag`x`",
    "const r = /x/; const was = r.kept || r.lastIndex; r.kept = value; r.lastIndex = 111; return was",
    "const o = { a: [] }; o.a.push(value); return o.a.join()  === value ? null : o.a.join()",
    "const was = Error.kept; try { Error.kept = value; Error.prototype.message = value } catch {} return was + new Error().message",
    "const was = JSON.kept; try { Object.defineProperty(JSON, 'kept', { value }) } catch {} return was",
    "const was = Intl.kept; try { Intl.kept = value } catch {} return was",
    "try { Object.setPrototypeOf(Math, { kept: value }) } catch {} return Math.kept",
    "try { (0, eval)('var kept = \"' + value + '\"') } catch {} return typeof kept === 'undefined' ? null : kept",
    "try { Function('v', 'kept = v')(value) } catch {} return typeof kept === 'undefined' ? null : kept",
    "Promise.resolve(value).then((v) => { try { Math.kept = v } catch {} }); return Math.kept",
    "const was = Date.kept; try { Date.kept = value; Date.prototype.constructor.kept = value } catch {} return was",
    "try { Object.prototype.__defineGetter__('kept', () => value) } catch {} return ({}).kept",
    "if (value !== 'b') 'x1y'.replace(/(\\d)/, value); return RegExp.$1 + RegExp.lastParen + RegExp['$+'] + RegExp.rightContext",
    "if (value !== 'b') value.split(/(.+)/); return RegExp.$1 + RegExp['$&'] + RegExp['$`']",
    "class R extends RegExp {}; if (value !== 'b') new R('(.*)').exec(value); return RegExp.$1",
    "const s = Symbol.for('k'); try { Symbol.prototype.kept = value } catch {} return s.kept ?? s.description",
    "try { Array.prototype[1] = value } catch {} const a = []; a.length = 3; return a[1]",
    "try { Object.prototype[value] = 1 } catch {} for (const key in {}) return key; return null",
    "async function f() { await null; Math.kept = value } f(); return Math.kept",
    "const b = new Uint8Array(1 << 20); const was = b.find((x) => x !== 0); b.fill(111); return was",
    "const g = Object.getOwnPropertyDescriptor(RegExp, '$1').get; try { g.kept = value } catch {} return g.kept ?? g.call(RegExp)",
    everywhere("Reflect.set(t, 'kept', value)"),
    everywhere("Reflect.defineProperty(t, 'kept', { value, configurable: true })"),
  ]

  /// Keeps `value` at whatever can be reached, with or without a name, and looks for it there.
  private static func everywhere(_ keep: String) -> String {
    """
    const seen = new Set(); let was = null;
    const left = [globalThis, function* () {}, async function () {}, async function* () {}, /x/, () => 1, class {}, 'a'.matchAll(/a/g),
      [].entries(), new Map().keys(), new Set().keys(), Promise.resolve(1), new Error('x'), (function () { return arguments })(),
      new Date(0), (function* () {})(), (async function* () {})(), new Intl.Collator(), new Intl.NumberFormat(), new Intl.ListFormat('en'),
      new DataView(new ArrayBuffer(1)), new BigInt64Array(1), Proxy.revocable({}, {}), new Intl.Collator().compare, 1n, Symbol(), true];
    while (left.length) {
      const t = Object(left.pop()); if (seen.has(t)) continue; seen.add(t);
      if (Object.prototype.hasOwnProperty.call(t, 'kept')) was = t.kept;
      \(keep);
      left.push(Object.getPrototypeOf(t));
      for (const key of Reflect.ownKeys(t)) {
        const d = Object.getOwnPropertyDescriptor(t, key);
        for (const each of [d.value, d.get, d.set]) if (typeof each === 'object' || typeof each === 'function') left.push(each);
      }
    }
    return was
    """
  }

  @Test(arguments: keepers.indices) func nothingOfOneRecordReachesTheNext(index: Int) throws {
    let script = Self.keepers[index]
    let (lines, outcome) = try run(script, ["planted111", "b"])
    #expect(!lines.contains { $0.hasPrefix(#"{"_row":3,"#) && $0.contains("111") }, "\(script)")
    #expect([0, 1, 78].contains(outcome.status), "\(outcome.err)")
  }

  @Test func whatTheHarnessWouldSee() throws {
    let (lines, _) = try run("value + 'planted111'", ["a", "b"])
    #expect(lines.contains { $0.hasPrefix(#"{"_row":3,"#) && $0.contains("111") })
  }

  /// Each would run for ever, in the language or inside one step of the engine.
  @Test(arguments: [
    "for (;;);", "while (true) { try { while (true); } catch {} }", "(function f() { try { f() } finally { f() } })()",
    "return /^(a+)+$/.test('a'.repeat(40) + 'b')", "return value.repeat(2**24).includes(value.repeat(2**23) + 'b')",
    "return value.repeat(2**24).split(value.repeat(2**23) + 'b').length",
    "return (3n ** (10n ** 7n)).toString().length", "return 'a\\u0323\\u0307'.repeat(2**24).normalize('NFD').length",
    "return new Array(2**28).join('x').lastIndexOf('xxxxy')", "return [].concat(Array(1e8)).sort().length",
    "return JSON.parse('['.repeat(1e6) + ']'.repeat(1e6)).length", "return Array.from({ length: 1e9 }).length",
    "return { toJSON() { for (;;); } }", "return parseInt('9'.repeat(2**28), 36)", "return Number('1'.repeat(2**28))",
    "return 'x'.repeat(2**28).localeCompare('x'.repeat(2**28))", "return /(x+x+)+y/.test('x'.repeat(60))",
    "return Object.fromEntries((function* () { for (;;) yield ['a', 1] })())",
    "return new Proxy({}, { ownKeys() { for (;;); }, get() { for (;;); } })", "throw { toString() { for (;;); } }",
    "const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e",
    "return (7n**(3n**14n)).toString(3).length", "return encodeURIComponent('\\u00e9'.repeat(2**27)).length",
  ]) func aCallThatDoesNotEndIsEnded(attack: String) throws {
    let (lines, outcome) = try run("if (value === 'good') return 'ok';\n" + attack, ["good", "bad", "good"])
    #expect(lines.filter { $0.hasSuffix(#""w":"ok"}"#) }.count == 2, "\(attack): \(outcome.err)")
    #expect(outcome.status == 1 || lines.count == 3, "\(attack)")
  }

  /// Each takes or gives more than it may.
  @Test(arguments: [
    "const a = []; for (;;) a.push(value.repeat(1e6) + a.length)", "let s = value; for (;;) s += s",
    "const a = []; for (;;) a.push(new ArrayBuffer(1e8))", "const m = new Map(); for (let i = 0; ; i++) m.set(i, {})",
    "return 'x'.repeat(3e6)", "return Array(1e6).fill('xxxxxxxxxx')", "return '\\u0001'.repeat(1e6)",
    "throw new Error('x'.repeat(1e8))", "throw new Error('x'.repeat(2.4e8))", "return [...Array(3e7).keys()]",
    "return new Array(2**31).fill(value)", "return 2n**(2n**30n)", "const a = []; for (;;) a.push(Symbol())",
    "const a = []; for (;;) a.push(new Intl.Collator('ja'))",
    "let f = (x) => x; for (;;) { const g = f; f = (x) => g(x) }",
    "return { toJSON() { return 'x'.repeat(2**27) } }", "const o = {}; o.o = o; return o",
  ]) func aCallThatTakesTooMuchIsRefused(attack: String) throws {
    let (lines, outcome) = try run("if (value === 'good') return 'ok';\n" + attack, ["good", "bad", "good"])
    #expect(lines == [#"{"_row":2,"w":"ok"}"#, #"{"_row":4,"w":"ok"}"#], "\(attack): \(outcome.err)")
    #expect(outcome.status == 1)
    #expect(outcome.err.utf8.count < 2000)
  }

  /// Each gives `escaped` where it got out, or knows what it should not.
  @Test(arguments: [
    "eval(\"'escaped'\")", "(0, eval)(\"'escaped'\")", "Function(\"return 'escaped'\")()",
    "(function* () {}).constructor(\"yield 'escaped'\")().next().value",
    "new (class extends Function {})(\"return 'escaped'\")()",
    "value.constructor.constructor(\"return 'escaped'\")()", "typeof WebAssembly === 'object' ? 'escaped' : null",
    "['require', 'load', 'read', 'readFile', 'print', 'os', 'process', 'Deno', 'newGlobal', 'evalcx', 'ShadowRealm']"
      + ".some((name) => name in globalThis) ? 'escaped' : null",
    "new Date() && 'escaped'", "Date.now() && 'escaped'", "new (new Date(0).constructor)() && 'escaped'",
    "Date() && 'escaped'", "new (class extends Date {})() && 'escaped'", "Reflect.construct(Date, []) && 'escaped'",
    "Math.random() && 'escaped'", "new Intl.DateTimeFormat().format() && 'escaped'",
    "typeof SharedArrayBuffer + typeof Atomics === 'undefinedundefined' ? null : 'escaped'",
    "new WeakRef({}) && 'escaped'", "new (async () => {}).constructor(\"return 1\") && 'escaped'",
    "Reflect.construct(Function, [\"return 1\"], Array) && 'escaped'", "new (new Proxy(Date, {}))() && 'escaped'",
    "new (Date.bind(null))() && 'escaped'", "Array.from({ length: 3 }, Math.random) && 'escaped'",
    "new (class extends Date { constructor() { super(...[]) } })() && 'escaped'",
    "(function () { return arguments.callee.caller })() ? 'escaped' : null",
    "(function () { return this })() ? 'escaped' : null",
    "Object.getOwnPropertyNames(globalThis).some((n) => /^(load|read|write|snarf|run|system|exec|dump|gc|quit)/.test(n)) ? 'escaped' : null",
    "import('/etc/passwd').constructor === Promise ? Math.floor('x').escaped : 'escaped'",
  ]) func nothingLeadsOut(attack: String) throws {
    let (lines, outcome) = try run(attack, ["a"])
    #expect(!lines.joined().contains("escaped"), "\(attack)")
    #expect([0, 1].contains(outcome.status), "\(attack): \(outcome.err)")
  }

  @Test func tenThousandCallsThatTimeOutEndTheRunWithOneReason() throws {
    let (lines, outcome) = try run(
      "return value.repeat(2**24).includes(value.repeat(2**23) + 'b')", .init(repeating: "a", count: 10_000))
    #expect(lines.isEmpty)
    #expect(outcome.status == 78)
    #expect(outcome.err.split(separator: "\n").filter { $0.contains("script.limits") }.count == 1)
    #expect(outcome.err.split(separator: "\n").count < 10, "\(outcome.err)")
  }

  @Test func theWorkerHasOneThreadAndOneDescriptor() throws {
    let scratch = try Scratch()
    try scratch.write(
      "m.json",
      #"{"mappings":[{"sourceField":"v","targetField":"w","transform":"custom","customTransform":"value"}]}"#)
    let outcome = try scratch.run(
      """
      mkfifo in; exec 7<> in; echo '{"v":"a"}' >&7
      ils-map -m m.json in > out 5< m.json 7>&- &
      map=$!
      await test -s out
      worker=$(pgrep -P $map ils-script)
      ls /proc/$worker/task | wc -l
      ls /proc/$worker/fd | tr '\\n' ' '
      grep -E '^(Seccomp|NoNewPrivs):' /proc/$worker/status | tr -d '\\t'
      exec 7>&-; wait
      """)
    #expect(outcome.out == "1\n0 NoNewPrivs:1\nSeccomp:2\n", "\(outcome.err)")
  }
}
