import ILSRecord

/// An Office Open XML workbook (ECMA-376, transitional or strict): its directory of sheets, its styles and strings.
struct XLSXWorkbook {
  let archive: ZipArchive
  private(set) var sheets: [WorkbookSheet] = []
  /// The part of each sheet.
  private var parts: [String] = []
  private(set) var styles = StyleTable()
  private(set) var stringsPart: String?
  /// Its parts are records, and no XML (.xlsb).
  private(set) var isBinary = false
  /// Fonts of a binary workbook that strike text through.
  private(set) var struckFonts: Set<Int> = []
  /// The program that wrote the workbook leaves its formulas to Excel.
  private(set) var asksToCalculate = false
  /// Read when the first sheet asks for them.
  private var strings: StringArena?

  private struct Relation {
    var kind: String
    var target: String
  }

  init(_ archive: ZipArchive) throws(StopError) {
    self.archive = archive
    let roots = try XLSXWorkbook.relations(archive, of: "")
    let root =
      roots.values.first { $0.kind == "officeDocument" }?.target
      ?? archive.entries.first { ["workbook.xml", "workbook.bin"].contains(where: ZipArchive.key($0.name).hasSuffix) }?
      .name
    guard let root, let entry = archive.entry(root) else { throw XLSXWorkbook.noWorkbook(archive) }
    isBinary = ZipArchive.key(root).hasSuffix(".bin")
    if ["word/", "ppt/", "visio/"].contains(where: { ZipArchive.key(root).hasPrefix($0) }) {
      throw XLSXWorkbook.fault(
        .xlsxNoWorkbook, "the file is a document of another program of Office, and no workbook")
    }
    let relations = try XLSXWorkbook.relations(archive, of: root)
    if isBinary { try readBinaryDirectory(entry, relations) } else { try readDirectory(entry, relations) }
    if sheets.isEmpty { throw XLSXWorkbook.fault(.xlsxNoSheets, "the workbook names no sheet: the file is damaged") }
    let (folder, ending) = (XLSXWorkbook.folder(root), isBinary ? ".bin" : ".xml")
    stringsPart = relations.values.first { $0.kind == "sharedStrings" }?.target ?? folder + "sharedStrings" + ending
    try readStyles(relations.values.first { $0.kind == "styles" }?.target ?? folder + "styles" + ending)
  }

  private mutating func readBinaryDirectory(
    _ entry: ZipArchive.Entry, _ relations: [String: Relation]
  ) throws(StopError) {
    let directory = try XLSBDirectory(PartStream(archive, entry))
    (styles.is1904, asksToCalculate) = (directory.is1904, directory.asksToCalculate)
    for (sheet, id) in directory.sheets {
      var sheet = sheet
      sheet.isTable = relations[id].map { $0.kind == "worksheet" } ?? true
      sheets.append(sheet)
      parts.append(relations[id]?.target ?? "")
    }
  }

  /// A stream of the sheet's part.
  func sheet(_ index: Int) throws(StopError) -> PartStream {
    guard let entry = archive.entry(parts[index]) else {
      throw StopError(
        .dataError, WorkbookFileFault.xlsxNoSheet,
        "the workbook names the sheet and does not hold it: the file is damaged",
        at: Position(sheet: sheets[index].name))
    }
    return try PartStream(archive, entry)
  }

  /// The comments on the sheet's cells.
  func comments(_ index: Int) throws(StopError) -> Int {
    guard
      let part = try XLSXWorkbook.relations(archive, of: parts[index]).values.first(where: { $0.kind == "comments" }),
      let entry = archive.entry(part.target)
    else { return 0 }
    var count = 0
    if isBinary {
      var records = XLSBRecords(try PartStream(archive, entry))
      while try records.next() { if records.type == XLSB.comment { count += 1 } }
      return count
    }
    var tokens = XMLTokens(try PartStream(archive, entry))
    let key = XMLName.key("comment")
    while true {
      let kind = try tokens.next()
      if kind == .end { return count }
      if kind == .open, tokens.name == key { count += 1 }
    }
  }

  /// The shared strings; none where the workbook has no such part.
  mutating func sharedStrings() throws(StopError) -> StringArena {
    if let strings { return strings }
    let entry = stringsPart.flatMap { archive.entry($0) }
    let arena = StringArena(packed: entry?.packedSize ?? 0)
    if let entry, isBinary {
      try XLSBStrings.read(PartStream(archive, entry), struck: struckFonts, into: arena)
    } else if let entry {
      try SharedStrings.read(PartStream(archive, entry), into: arena)
    }
    strings = arena
    return arena
  }

  private mutating func readDirectory(_ entry: ZipArchive.Entry, _ relations: [String: Relation]) throws(StopError) {
    var tokens = XMLTokens(try PartStream(archive, entry))
    let sheetKey = XMLName.key("sheet")
    let (propertiesKey, calculationKey) = (XMLName.key("workbookPr"), XMLName.key("calcPr"))
    while true {
      let kind = try tokens.next()
      if kind == .end { break }
      guard kind == .open || kind == .empty else { continue }
      if tokens.name == propertiesKey {
        // An extension has an element of the same local name, without the attribute.
        if let flag = tokens.attribute("date1904") { styles.is1904 = flag == "1" || flag == "true" || flag == "on" }
      } else if tokens.name == calculationKey {
        asksToCalculate = ["1", "true", "on"].contains(tokens.attribute("fullCalcOnLoad"))
      } else if tokens.name == sheetKey, let name = tokens.attribute("name"), name.utf8.count <= 4096 {
        let relation = tokens.attribute("id").flatMap { relations[$0] }
        let state: WorkbookSheet.State =
          switch tokens.attribute("state") {
          case "hidden": .hidden
          case "veryHidden": .veryHidden
          default: .visible
          }
        let isTable = relation.map { $0.kind == "worksheet" } ?? true
        sheets.append(WorkbookSheet(name: name, state: state, isTable: isTable))
        parts.append(relation?.target ?? "")
        guard sheets.count <= 4096 else {
          throw XLSXWorkbook.fault(.workbookSheetLimit, "the workbook has more than 4096 sheets")
        }
      }
    }
  }

  private mutating func readStyles(_ part: String) throws(StopError) {
    guard let entry = archive.entry(part) else { return }
    if isBinary {
      struckFonts = try XLSBStyles.read(PartStream(archive, entry), into: &styles)
      return
    }
    var tokens = XMLTokens(try PartStream(archive, entry))
    var formats: [Int: CellStyle] = [:]
    var blanks: Set<Int> = []
    var isInCells = false
    let (formatKey, cellsKey, cellKey) = (XMLName.key("numFmt"), XMLName.key("cellXfs"), XMLName.key("xf"))
    var looks = XLSXLooks()
    while true {
      let kind = try tokens.next()
      if kind == .end { return }
      if tokens.name == cellsKey, kind == .open || kind == .close { isInCells = kind == .open }
      looks.take(kind, tokens)
      guard kind == .open || kind == .empty else { continue }
      if tokens.name == formatKey, let id = tokens.attribute("numFmtId").flatMap({ Int($0) }),
        let code = tokens.attribute("formatCode"), formats.count < 65_536, code.utf8.count <= 4096
      {
        formats[id] = CellStyle(code: code)
        if CellStyle.isBlank(code) { blanks.insert(id) }
      } else if tokens.name == cellKey, isInCells {
        let id = tokens.attribute("numFmtId").flatMap { Int($0) } ?? 0
        var mark = looks.mark(
          font: tokens.attribute("fontId").flatMap { Int($0) } ?? 0,
          fill: tokens.attribute("fillId").flatMap { Int($0) } ?? 0)
        if blanks.contains(id) { mark.insert(.unseen) }
        styles.append(formats[id] ?? CellStyle(builtIn: id), mark)
      }
    }
  }

  /// The relations of the part called `part`, by id. A target is a part's name from the root on.
  private static func relations(_ archive: ZipArchive, of part: String) throws(StopError) -> [String: Relation] {
    let folder = folder(part)
    let name = folder + "_rels/" + part.dropFirst(folder.count) + ".rels"
    guard let entry = archive.entry(name) else { return [:] }
    var tokens = XMLTokens(try PartStream(archive, entry))
    var relations: [String: Relation] = [:]
    let key = XMLName.key("Relationship")
    while true {
      let kind = try tokens.next()
      if kind == .end { return relations }
      guard kind == .open || kind == .empty, tokens.name == key, tokens.attribute("TargetMode") != "External",
        let id = tokens.attribute("Id"), let type = tokens.attribute("Type"), let target = tokens.attribute("Target")
      else { continue }
      let kindName = String(type.split(separator: "/").last ?? "")
      guard relations.count < 65_536, id.utf8.count + target.utf8.count <= 4096 else { continue }
      relations[id] = Relation(kind: kindName, target: resolve(target, folder))
    }
  }

  private static func folder(_ part: String) -> String {
    part.lastIndex { $0 == "/" || $0 == "\\" }.map { String(part[...$0]) } ?? ""
  }

  /// `target`, which is relative to `folder` unless it starts with a slash, from the root on.
  private static func resolve(_ target: String, _ folder: String) -> String {
    var steps: [Substring] = []
    let isAbsolute = target.first == "/" || target.first == "\\"
    for step in ((isAbsolute ? "" : folder) + target).split(whereSeparator: { $0 == "/" || $0 == "\\" }) {
      if step == ".." { _ = steps.popLast() } else if step != "." { steps.append(step) }
    }
    return steps.joined(separator: "/")
  }

  private static func noWorkbook(_ archive: ZipArchive) -> StopError {
    // Names of files may be those of patients where there are many.
    let files = archive.entries.map(\.name).filter { !$0.hasSuffix("/") }
    let list =
      files.count <= 5 ? files.joined(separator: ", ") : "\(files.count) files"
    return fault(
      .xlsxNoWorkbook,
      "this is a zip archive\(files.isEmpty ? "" : " (\(list))"), and no workbook: unpack it (unzip), and read what is in it"
    )
  }

  private static func fault(_ fault: WorkbookFileFault, _ message: String) -> StopError {
    StopError(.dataError, fault, message)
  }
}
