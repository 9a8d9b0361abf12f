import Foundation
import Testing

/// Tools that find PgBouncer where they look for the server.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/pgbouncer")))
struct PoolerTests {
  /// Sets `pooled`: the database's URL through a pooler of its own, that has one session of the server's for all.
  private func pool(_ mode: String) -> String {
    """
    server=$(sed -E 's/.*host=([^&]*).*/\\1/' <<< "$DATABASE_URL")
    name=$(sed -E 's#^postgresql:///([^?]*).*#\\1#' <<< "$DATABASE_URL")
    user=$(ask 'SELECT current_user')
    # A socket's path is short; who pools must get to the server's, and never runs as root; it may have SIGTERM blocked.
    pool=/tmp/ils-pool.$$ as=''
    mkdir -p $pool && trap 'kill -KILL $p; rm -rf $pool' EXIT
    if [ "$(id -u)" -eq 0 ]; then as="-u $(stat -c %U "$server")" && chown --reference="$server" $pool; fi
    printf '%s\\n' '[databases]' "$name = host=$server user=$user pool_size=1" '[pgbouncer]' 'listen_port = 6432' \\
      "unix_socket_dir = $pool" 'auth_type = any' 'pool_mode = \(mode)' > $pool/ini
    chmod 644 $pool/ini
    PATH=$PATH:/usr/sbin pgbouncer $as $pool/ini > log 2>&1 & p=$!
    await test -S $pool/.s.PGSQL.6432
    pooled="postgresql:///$name?host=$pool&port=6432&user=$user"

    """
  }

  /// In session mode too: what the pooler says of who has the session is its own, and the next one to get it finds it as it is.
  @Test(arguments: ["transaction", "statement", "session"]) func itIsRefusedByName(mode: String) throws {
    let database = try Database()
    try database.scratch.write("records", patient(2, mrn: "A") + "\n")
    let facts = "SELECT current_setting('TimeZone'), current_setting('enable_seqscan')"
    let refused = try database.run(
      pool(mode) + """
        ask "ALTER ROLE $user IN DATABASE $name SET TimeZone = 'Asia/Tokyo'"
        for call in 'ils-load patients records' 'ils-load --init' 'ils-jobs list' 'ils-rollback last'; do
          $call --database "$pooled"; echo $?
        done
        psql -XAtqc "\(facts)" "$pooled"
        ask "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
          (SELECT oid FROM pg_database WHERE datname = current_database())"
        """)
    #expect(
      refused.out == "78\n78\n78\n78\nAsia/Tokyo|on\n0\n",
      "\(refused.out)\(refused.err)\(database.scratch.read("log") ?? "")")
    let told = refused.err.split(separator: "\n")
    #expect(
      told.count { $0.contains("a connection pooler (PgBouncer or the like)") && $0.contains("[db.session]") } == 4)
    #expect(try database.rows("SELECT count(*) FROM ils.jobs UNION ALL SELECT count(*) FROM patients") == ["0", "0"])
  }
}
