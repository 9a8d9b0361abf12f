extension Migrations {
  /// Rows that a role does not see may point at its own, and would go along with them: the toolkit's owner sees them.
  static let pointers = """
    -- Whether the owner of these functions can tell which rows point at others by a foreign key, for a role that may delete those.
    -- What another user has made runs as the owner nowhere in it: keys are compared by what a superuser brought along.
    CREATE FUNCTION ils.sees_key(the_key oid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      SELECT coalesce(bool_and(
        has_table_privilege(session_user, c.confrelid, 'DELETE')
        AND NOT row_security_active(c.conrelid) AND has_schema_privilege(r.relnamespace, 'USAGE')
        AND has_column_privilege(c.conrelid, k.own, 'SELECT')
        -- Types whose text says exactly what they hold, whatever the session's settings are.
        AND l.typnamespace = 'pg_catalog'::regnamespace AND l.typname IN (
          'int2', 'int4', 'int8', 'numeric', 'oid', 'uuid', 'text', 'bpchar', 'bytea', 'date', 'timestamp', 'bool')
        AND (a.atttypid = o.oprright OR EXISTS (
          SELECT FROM pg_cast WHERE castsource = a.atttypid AND casttarget = o.oprright AND castmethod = 'b'))
        AND NOT EXISTS (
          SELECT FROM pg_collation WHERE oid IN (a.attcollation, b.attcollation) AND NOT collisdeterministic)), false)
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid,
        unnest(c.conkey, c.confkey, c.conpfeqop) AS k (own, other, operator)
        JOIN pg_operator o ON o.oid = k.operator JOIN pg_type l ON l.oid = o.oprleft,
        pg_attribute a, pg_attribute b
      WHERE c.oid = the_key AND c.contype = 'f' AND a.attrelid = c.conrelid AND a.attnum = k.own
        AND b.attrelid = c.confrelid AND b.attnum = k.other
    $$;

    -- Whether a row points at the one that has these values in the columns that the key points at, in the key's order.
    CREATE FUNCTION ils.is_pointed_at(the_key oid, its text[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
      question text;
      answer boolean;
    BEGIN
      SELECT format('SELECT EXISTS (SELECT FROM %I.%I o WHERE %s)', n.nspname, r.relname, string_agg(
        format('($1)[%s]::%s OPERATOR(%I.%s) o.%I', k.place, format_type(o.oprleft, -1), m.nspname, o.oprname, a.attname),
        ' AND '))
      INTO question
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace,
        unnest(c.conkey, c.conpfeqop) WITH ORDINALITY AS k (own, operator, place)
        JOIN pg_operator o ON o.oid = k.operator JOIN pg_namespace m ON m.oid = o.oprnamespace, pg_attribute a
      WHERE c.oid = the_key AND ils.sees_key(the_key) AND a.attrelid = c.conrelid AND a.attnum = k.own
      GROUP BY n.nspname, r.relname;
      IF question IS NULL THEN
        RAISE EXCEPTION 'rows that point at these are not seen' USING ERRCODE = '42501';
      END IF;
      EXECUTE question INTO answer USING its;
      RETURN answer;
    END
    $$;
    """
}
