import Glibc

/// Runs one case: `check` says what is wrong with what became of it, and nil where nothing is.
func run(_ start: UnsafePointer<UInt8>?, _ count: Int, _ check: ([UInt8]) -> String?) -> CInt {
  let fault = check(Array(UnsafeBufferPointer(start: start, count: count)))
  guard var fault else { return 0 }
  fault += "\n"
  _ = fault.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  abort()
}
