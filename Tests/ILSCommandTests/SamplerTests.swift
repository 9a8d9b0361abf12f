import ILSRecord
import Testing

@testable import ILSCommand

@Suite struct SamplerTests {
  /// What comes through of the numbers below `count`, in portions of `step` records.
  private func sample(_ sampler: Sampler, of count: Int, step: Int) -> [Int] {
    var through = ""
    for start in stride(from: 0, to: count, by: step) {
      var buffer = OutputBuffer()
      for number in start..<min(start + step, count) { buffer.append("\(number)\n") }
      sampler.filter(&buffer)
      through += buffer.string()
    }
    var rest = OutputBuffer()
    sampler.finish(&rest)
    return (through + rest.string()).split(separator: "\n").compactMap { Int($0) }
  }

  @Test func theFirstRecordsComeThrough() {
    for step in [1, 3, 100] { #expect(sample(Sampler(size: 5, seed: nil), of: 100, step: step) == [0, 1, 2, 3, 4]) }
    #expect(sample(Sampler(size: 0, seed: nil), of: 100, step: 10) == [])
    #expect(sample(Sampler(size: 5, seed: nil), of: 3, step: 10) == [0, 1, 2])
  }

  @Test func aRandomSampleIsTheSameForASeedAndEvenOverAll() {
    let once = sample(Sampler(size: 1000, seed: 7), of: 100_000, step: 999)
    #expect(once == sample(Sampler(size: 1000, seed: 7), of: 100_000, step: 10))
    #expect(once != sample(Sampler(size: 1000, seed: 8), of: 100_000, step: 10))
    #expect(once == once.sorted() && Set(once).count == 1000)
    // The mean of 1,000 of 0..<100,000 has a standard error of 913.
    let mean = once.reduce(0, +) / once.count
    #expect((45_000...55_000).contains(mean))
    #expect(sample(Sampler(size: 5, seed: 1), of: 3, step: 1) == [0, 1, 2])
  }
}
