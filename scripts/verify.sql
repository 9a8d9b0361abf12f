-- Is what was migrated whole and sound? One row a check: its name, its kind, how many rows it found, and ids of some.
--   psql "$DATABASE_URL" -f scripts/verify.sql          scripts/ils-verify says it with a verdict and an exit status.
--
-- Kinds: count, for information; fault, what must not be; doubt, what a person should look at. No value is shown, but ids.
-- The checks are those of the guide (counts, duplicates, date formats, required fields, e-mail format, date ranges, orphaned
-- orders), and those that only this toolkit can make: that each job's equation holds and that its rows are there.
\set QUIET on
\if :{?ids} \else
  \set ids 5
\endif
SELECT to_regclass('ils.jobs') IS NOT NULL AS has_jobs \gset

BEGIN READ ONLY;
WITH found (position, check_name, kind, id) AS (
  SELECT 1, 'patients', 'count', id::text FROM patients
  UNION ALL SELECT 2, 'orders', 'count', id::text FROM orders
  UNION ALL
  SELECT 10, 'patients that share an MRN', 'fault', p.id::text
  FROM patients p JOIN (SELECT mrn FROM patients WHERE mrn IS NOT NULL GROUP BY mrn HAVING count(*) > 1) d USING (mrn)
  UNION ALL
  SELECT 11, 'patients whose date of birth is not YYYY-MM-DD', 'fault', id::text
  FROM patients WHERE date_of_birth::text !~ '^\d{4}-\d{2}-\d{2}$'
  UNION ALL
  SELECT 12, 'patients without name or date of birth', 'fault', id::text FROM patients
  WHERE coalesce(btrim(first_name), '') = '' OR coalesce(btrim(last_name), '') = '' OR date_of_birth IS NULL
  UNION ALL
  SELECT 13, 'patients born before 1900 or in the future', 'fault', id::text FROM patients
  WHERE date_of_birth::text < '1900-01-01' OR date_of_birth::text > current_date::text
  UNION ALL
  SELECT 14, 'orders without their patient', 'fault', o.id::text
  FROM orders o LEFT JOIN patients p ON p.id = o.patient_id WHERE p.id IS NULL
  UNION ALL
  SELECT 15, 'orders that share an order number', 'fault', o.id::text
  FROM orders o JOIN (SELECT order_number FROM orders GROUP BY order_number HAVING count(*) > 1) d USING (order_number)
  UNION ALL
  SELECT 16, 'orders without number, date or test type', 'fault', id::text FROM orders
  WHERE coalesce(btrim(order_number), '') = '' OR order_date IS NULL OR coalesce(btrim(test_type), '') = ''
  UNION ALL
  SELECT 20, 'patients whose e-mail address is none', 'doubt', id::text FROM patients
  WHERE email !~ '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'
  UNION ALL
  SELECT 21, 'patients who may be one: same name, date of birth', 'doubt', p.id::text
  FROM patients p JOIN (
    SELECT lower(last_name) AS l, lower(first_name) AS f, date_of_birth AS d FROM patients
    GROUP BY 1, 2, 3 HAVING count(*) > 1) s
    ON lower(p.last_name) = s.l AND lower(p.first_name) = s.f AND p.date_of_birth = s.d
  UNION ALL
  SELECT 22, 'patients whose text was garbled (U+FFFD)', 'doubt', id::text FROM patients
  WHERE concat_ws(' ', first_name, last_name, address, city, notes) LIKE '%' || U&'\FFFD' || '%'
  UNION ALL
  SELECT 23, 'orders dated before their patient was born', 'doubt', o.id::text
  FROM orders o JOIN patients p ON p.id = o.patient_id WHERE o.order_date::text < p.date_of_birth::text
  UNION ALL
  SELECT 24, 'orders dated in the future', 'doubt', id::text FROM orders WHERE order_date::text > current_date::text
  UNION ALL
  SELECT 25, 'orders with a result before the order', 'doubt', id::text FROM orders
  WHERE result_date::text < order_date::text
\if :has_jobs
  UNION ALL SELECT 3, 'jobs completed', 'count', id::text FROM ils.jobs WHERE kind = 'load' AND status = 'completed'
  UNION ALL
  SELECT 30, 'jobs whose equation does not hold', 'fault', id::text FROM ils.jobs
  WHERE kind = 'load' AND status = 'completed'
    AND (rows <> inserted + updated + skipped + failed + rejected + dropped + parked
      OR processed > inserted + updated + skipped + failed + parked)
  UNION ALL
  SELECT 31, 'events of the audit trail changed or missing', 'fault', seq::text
  FROM (
    SELECT seq, hash <> ils.audit_hash(a) OR previous <> coalesce(lag(hash) OVER w, '')
      OR seq <> coalesce(lag(seq) OVER w, 0) + 1 AS wrong
    FROM ils.audit a WINDOW w AS (ORDER BY seq)) e
  WHERE wrong
  UNION ALL
  SELECT 32, 'jobs neither completed nor rolled back', 'doubt', id::text FROM ils.jobs
  WHERE status NOT IN ('completed', 'rolled back')
  UNION ALL
  SELECT 33, 'rows of jobs that were rolled back', 'doubt', t.id::text
  FROM (SELECT id, import_job_id FROM patients UNION ALL SELECT id, import_job_id FROM orders) t
  JOIN ils.jobs j ON j.id = t.import_job_id AND j.status = 'rolled back'
  UNION ALL
  SELECT 34, 'jobs some of whose rows are gone', 'doubt', j.id::text FROM ils.jobs j
  WHERE j.kind = 'load' AND j.status = 'completed' AND j.target IN ('patients', 'orders') AND j.inserted > (
    SELECT count(*) FROM (SELECT import_job_id FROM patients UNION ALL SELECT import_job_id FROM orders) t
    WHERE t.import_job_id = j.id)
  UNION ALL SELECT 35, 'records still parked', 'doubt', job_id || '/' || record FROM ils.parked
\endif
), checks (position, check_name, kind) AS (VALUES
  (1, 'patients', 'count'), (2, 'orders', 'count'),
  (10, 'patients that share an MRN', 'fault'),
  (11, 'patients whose date of birth is not YYYY-MM-DD', 'fault'),
  (12, 'patients without name or date of birth', 'fault'),
  (13, 'patients born before 1900 or in the future', 'fault'),
  (14, 'orders without their patient', 'fault'),
  (15, 'orders that share an order number', 'fault'),
  (16, 'orders without number, date or test type', 'fault'),
  (20, 'patients whose e-mail address is none', 'doubt'),
  (21, 'patients who may be one: same name, date of birth', 'doubt'),
  (22, 'patients whose text was garbled (U+FFFD)', 'doubt'),
  (23, 'orders dated before their patient was born', 'doubt'),
  (24, 'orders dated in the future', 'doubt'),
  (25, 'orders with a result before the order', 'doubt')
\if :has_jobs
  , (3, 'jobs completed', 'count'),
  (30, 'jobs whose equation does not hold', 'fault'),
  (31, 'events of the audit trail changed or missing', 'fault'),
  (32, 'jobs neither completed nor rolled back', 'doubt'),
  (33, 'rows of jobs that were rolled back', 'doubt'),
  (34, 'jobs some of whose rows are gone', 'doubt'),
  (35, 'records still parked', 'doubt')
\endif
), sums AS (
  SELECT f.position, count(*) AS rows, (array_agg(f.id ORDER BY f.id) FILTER (WHERE f.kind <> 'count'))[1:(:ids)] AS ids
  FROM found f GROUP BY f.position
)
SELECT c.kind, coalesce(s.rows, 0) AS rows, c.check_name AS "check", array_to_string(s.ids, ' ') AS ids
FROM checks c LEFT JOIN sums s USING (position) ORDER BY c.position;
COMMIT;
