import ILSCommand
import ILSFormats
import ILSIdentity
import ILSMapping
import ILSMending
import ILSMigration
import ILSRecord
import ILSReport
import ILSSchema
import ILSStore
import ILSStream
import ILSTrace
import ILSValidation

extension FaultCode {
  /// The codes of all rooms, but for those that a schema brings with it (`FaultCode.own`) and what PostgreSQL calls its
  /// errors (`db.` and the SQLSTATE).
  public static let everyRoom: [FaultCode] = parsing + mapping + validation + loading + everywhere

  private static let parsing: [FaultCode] =
    all(of: CSVFault.self) + all(of: TextFault.self) + all(of: WorkbookFault.self) + all(of: WorkbookFileFault.self)
    + all(of: DBFFault.self)

  private static let mapping: [FaultCode] = all(of: MappingFault.self) + all(of: MappingNotice.self)

  private static let validation: [FaultCode] =
    all(of: SchemaFault.self) + all(of: ValidationFault.self)

  private static let loading: [FaultCode] =
    all(of: IdentityFault.self) + all(of: RefusalFault.self) + all(of: JobFault.self) + all(of: UndoFault.self)
    + all(of: LineageFault.self) + all(of: VerifyFault.self)
    + all(of: DatabaseFault.self)
    + all(of: MigrationFault.self) + all(of: MendFault.self)

  private static let everywhere: [FaultCode] =
    all(of: UsageFault.self) + all(of: RecordFault.self) + all(of: StreamFault.self) + all(of: CommandFault.self)
    + all(of: TraceFault.self) + all(of: ReportFault.self)
}
