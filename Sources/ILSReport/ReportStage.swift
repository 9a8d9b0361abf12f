import ILSRecord

/// Takes what the stages left, in any order, and writes the report behind the last of it.
///
/// Memory does not grow with the number of records: it holds counts, and a few examples of each fault.
public struct ReportStage: Stage {
  private var figures = Figures()
  private let title: String?
  private let showsValues: Bool
  private let made: String
  private let codes: [FaultCode]

  /// - Parameters:
  ///   - showsValues: the report has examples of values, which may be patient data.
  ///   - made: the day, as it is to be shown.
  ///   - codes: what codes mean; of two alike, the first counts.
  public init(title: String?, showsValues: Bool, made: String, codes: [FaultCode]) {
    (self.title, self.showsValues, self.made, self.codes) = (title, showsValues, made, codes)
  }

  public mutating func process(_ record: Record, emit: inout Emitter) throws(StageError) {
    let names = record.shape.names
    func has(_ name: String) -> Bool { names.contains(name) }
    if has("approvedPlan") {
      throw .reject(
        Rejection(
          RecordError(ReportFault.planAlone, message: "a plan has a page of its own: name its file, and no other")))
    } else if has("errors") && has("stage") {
      figures.add(reject: try value(record), showsValues: showsValues)
    } else if has("outcome") {
      figures.add(outcome: try value(record))
    } else if has("kind") && has("job") {
      figures.add(job: try value(record))
    } else if has("faults") && has("records") {
      figures.add(summary: try value(record))
    } else if has("progress") && has("perSecond") {
      figures.add(progress: try value(record))
    } else if has("manifest") && has("files") {
      figures.add(manifest: try value(record))
    } else {
      figures.profile.add(record)
    }
  }

  private func value(_ record: Record) throws(StageError) -> JSONValue {
    do throws(RecordError) {
      return try JSONValue(parsing: Array(record.bytes))
    } catch {
      throw .reject(Rejection(error))
    }
  }

  public mutating func finish(emit: inout Emitter) throws(StageError) {
    var page = Page(figures, title: title, made: made, codes: codes)
    page.write()
    emit.output.append(page.html.text)
    emit.endRecord()
  }
}
