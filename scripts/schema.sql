-- The target tables of ILS 2.0, for a database that has none yet. Run again, it changes nothing.
--   psql "$DATABASE_URL" -f scripts/schema.sql

CREATE TABLE IF NOT EXISTS patients (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  mrn varchar(50) UNIQUE,
  first_name varchar(100) NOT NULL,
  last_name varchar(100) NOT NULL,
  date_of_birth date NOT NULL CHECK (date_of_birth >= '1900-01-01'),
  email varchar(255),
  phone varchar(20),
  gender text CHECK (gender IN ('male', 'female', 'other', 'unknown')),
  address varchar(255),
  city varchar(100),
  state varchar(50),
  zip_code varchar(20),
  country varchar(100),
  external_id varchar(100),
  import_source varchar(100),
  notes varchar(5000),
  -- The job that inserted the row (ils.jobs); null for rows that were not imported.
  import_job_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

-- What identity keys are looked up by.
CREATE INDEX IF NOT EXISTS patients_email ON patients (lower(email));
CREATE INDEX IF NOT EXISTS patients_external_id ON patients (external_id, import_source);
-- The birth date first: names in another spelling are looked for among those of one day.
CREATE INDEX IF NOT EXISTS patients_born ON patients (date_of_birth, lower(last_name), lower(first_name));
CREATE INDEX IF NOT EXISTS patients_import_job ON patients (import_job_id);

CREATE TABLE IF NOT EXISTS orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  patient_id uuid NOT NULL REFERENCES patients,
  order_number varchar(100) NOT NULL UNIQUE,
  order_date date NOT NULL CHECK (order_date >= '2000-01-01'),
  test_type varchar(200) NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'completed', 'cancelled', 'failed')),
  priority text NOT NULL DEFAULT 'routine' CHECK (priority IN ('routine', 'urgent', 'stat')),
  ordering_provider varchar(200),
  facility varchar(200),
  department varchar(100),
  result_date date,
  result_value varchar(500),
  result_unit varchar(50),
  interpretation varchar(5000),
  external_id varchar(100),
  import_source varchar(100),
  notes varchar(5000),
  import_job_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX IF NOT EXISTS orders_patient ON orders (patient_id);
CREATE INDEX IF NOT EXISTS orders_import_job ON orders (import_job_id);
