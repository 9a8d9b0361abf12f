/// How far a loader has come: the same for all of its connections.
final class LoadProgress {
  /// The last batch that was committed.
  var lastBatch: Int
  /// Fields of which it was said that their values are taken as UTC.
  var zonesTold: Set<Int> = []
  /// Somebody else has cancelled the job.
  var isCancelled = false

  init(lastBatch: Int) { self.lastBatch = lastBatch }
}
