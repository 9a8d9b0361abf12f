import ILSRecord

/// Why a file cannot be read or written.
public enum StreamFault: String, FaultCodes {
  case ioOpen = "io.open"
  case runInterrupted = "run.interrupted"
  case ioRead = "io.read"
  case ioCreate = "io.create"
  case ioWrite = "io.write"
  case ioClose = "io.close"
  case ioMap = "io.map"
  case ioSpool = "io.spool"
  case ioSpoolLimit = "io.spool_limit"
  case ioTooLarge = "io.too_large"
  case ioExpansion = "io.expansion"
  case ioSameFile = "io.same_file"
  case gzipTruncated = "gzip.truncated"
  case gzipCorrupt = "gzip.corrupt"
  case gzipTrailing = "gzip.trailing"
  case gzipInit = "gzip.init"
  case zstdTruncated = "zstd.truncated"
  case zstdCorrupt = "zstd.corrupt"
  case zstdInit = "zstd.init"
  case xzTruncated = "xz.truncated"
  case xzCorrupt = "xz.corrupt"
  case xzInit = "xz.init"
  case manifestInvalid = "manifest.invalid"

  public var texts: (meaning: String, mending: String) {
    switch self {
    case .runInterrupted: ("The run was interrupted while it waited.", "Run it again, or go on as the message says.")
    case .ioOpen: ("The file cannot be opened.", "Look at its name and at who may read it.")
    case .ioRead:
      ("The system cannot read on.", "Look at the disk or the network that the file is on, and run it again.")
    case .ioCreate:
      (
        "The file cannot be made.",
        "Look at the folder and at who may write there; give each stage a rejects file of its own."
      )
    case .ioWrite: ("The system cannot write on.", "Make room on the disk, and run it again.")
    case .ioClose: ("What was written may not have arrived.", "Make room on the disk, and run it again.")
    case .ioMap: ("The whole file cannot be read at once.", "Copy it to a local disk.")
    case .ioSpool:
      ("What came by a pipe cannot be kept.", "Name a folder with room in TMPDIR, or give the file by its name.")
    case .ioSpoolLimit: ("A workbook that came by a pipe is too large.", "Give the file by its name.")
    case .ioTooLarge: ("The file is too large for what it is to be.", "Look whether another file was meant.")
    case .ioExpansion:
      ("The compressed file unpacks to many times its size.", "If it is an export all the same, unpack it first.")
    case .ioSameFile: ("Two files of the run are one and the same.", "Name another: one of the two would be lost.")
    case .gzipTruncated: ("The compressed file ends too early.", "Get it again: it was cut off.")
    case .gzipCorrupt: ("The compressed data is damaged.", "Get the file again.")
    case .gzipTrailing: ("Something else follows the compressed data.", "Get the file again, or cut that off.")
    case .gzipInit: ("zlib cannot start.", "Give the process more memory.")
    case .zstdTruncated: ("The compressed file ends too early.", "Get it again: it was cut off.")
    case .zstdCorrupt: ("The compressed data is damaged.", "Get the file again.")
    case .zstdInit: ("libzstd cannot start.", "Give the process more memory.")
    case .xzTruncated: ("The compressed file ends too early.", "Get it again: it was cut off.")
    case .xzCorrupt: ("The compressed data is damaged.", "Get the file again.")
    case .xzInit: ("liblzma cannot start.", "Give the process more memory.")
    case .manifestInvalid: ("The file is no manifest.", "Name the file that ils-parse --manifest wrote.")
    }
  }
}
