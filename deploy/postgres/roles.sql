-- Roles, schemas and the identity functions of one database. Idempotent; run again whenever this file changes.
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql
--
-- or let `chassis.migrations.bootstrap` run it, which also sets the logins' passwords and claims keys.
-- Needs a role that may create roles and create schemas in this database; a superuser is not needed, so managed
-- servers such as Supabase work. PostgreSQL 15 or later, no extensions.
--
-- Per schema <s>:  <s>_owner   cannot log in; owns the tables; migrations SET ROLE to it
--                  <s>_app     the service answering members; row-level security shows it the member's rows only
--                  <s>_system  the service's own work (relay, inbox, feed), where a policy names it
-- None of them bypasses row-level security, and none reaches another schema.

DO $roles$
DECLARE
  schema_name text;
  role_name text;
BEGIN
  FOREACH schema_name IN ARRAY ARRAY['sec', 'goals', 'coach', 'mentor', 'analytics', 'notify', 'gateway'] LOOP
    FOREACH role_name IN ARRAY ARRAY[schema_name || '_owner', schema_name || '_app', schema_name || '_system'] LOOP
      CONTINUE WHEN role_name IN ('sec_app', 'sec_system');
      IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role_name) THEN
        BEGIN
          EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT NOCREATEDB NOCREATEROLE', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
          NULL;  -- Roles belong to all databases of a cluster: another one was being set up at this moment.
        END;
      END IF;
      -- A superuser has all rights anyway. From PostgreSQL 16 on, whoever creates a role may grant it, but is no
      -- member of it; membership is what SET ROLE and owning things in its name need.
      IF NOT pg_catalog.pg_has_role(current_user, role_name, 'USAGE') THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
      END IF;
    END LOOP;

    IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = schema_name) THEN
      EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', schema_name, schema_name || '_owner');
    END IF;
    EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', schema_name);
    CONTINUE WHEN schema_name = 'sec';

    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', schema_name, schema_name || '_app', schema_name || '_system');
    EXECUTE format(
      'ALTER DEFAULT PRIVILEGES FOR ROLE %1$I IN SCHEMA %2$I '
      'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %3$I, %4$I',
      schema_name || '_owner', schema_name, schema_name || '_app', schema_name || '_system');
    EXECUTE format(
      'ALTER DEFAULT PRIVILEGES FOR ROLE %1$I IN SCHEMA %2$I GRANT USAGE ON SEQUENCES TO %3$I, %4$I',
      schema_name || '_owner', schema_name, schema_name || '_app', schema_name || '_system');
    FOREACH role_name IN ARRAY ARRAY[schema_name || '_app', schema_name || '_system'] LOOP
      EXECUTE format('ALTER ROLE %I SET search_path = %I', role_name, schema_name);
      EXECUTE format('GRANT USAGE ON SCHEMA sec TO %I', role_name);
    END LOOP;
  END LOOP;
END
$roles$;

-- Nobody makes things where everybody would find them. On a managed server this is the server owner's to say.
DO $public$
BEGIN
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
EXCEPTION WHEN insufficient_privilege OR invalid_schema_name THEN
  NULL;
END
$public$;

-- The key of each login role, as the two blocks that HMAC-SHA256 hashes first (RFC 2104): no login role can read it.
CREATE TABLE IF NOT EXISTS sec.claim_keys (
  login_role name NOT NULL,
  kid text NOT NULL,
  inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
  outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (login_role, kid)
);
ALTER TABLE sec.claim_keys OWNER TO sec_owner;
REVOKE ALL ON sec.claim_keys FROM PUBLIC;

-- Who acts in this transaction: `app.claims` is '<member uuid>|<role,role>|<expiry, epoch seconds>|<kid>', `app.sig` its
-- HMAC in hex. No claims at all: nobody, so policies show no row. Claims that do not verify: an error without details.
CREATE OR REPLACE FUNCTION sec.claims() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $claims$
DECLARE
  claims text := current_setting('app.claims', true);
  parts text[];
  signature bytea;
BEGIN
  IF claims IS NULL OR claims = '' THEN
    RETURN NULL;
  END IF;
  parts := string_to_array(claims, '|');
  SELECT sha256(k.outer_pad || sha256(k.inner_pad || convert_to(claims, 'UTF8'))) INTO signature
    FROM sec.claim_keys AS k
    WHERE k.login_role = session_user AND k.kid = parts[4];
  IF signature IS NULL OR encode(signature, 'hex') IS DISTINCT FROM current_setting('app.sig', true) THEN
    RAISE EXCEPTION 'claims refused' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF parts[3]::bigint < extract(epoch FROM transaction_timestamp()) THEN
    RAISE EXCEPTION 'claims expired' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN parts;
END
$claims$;

-- The member acting, or NULL. Policies say `owner = (SELECT sec.member_id())`, so that it is computed once a query.
CREATE OR REPLACE FUNCTION sec.member_id() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $member$
BEGIN
  RETURN nullif((sec.claims())[1], '')::uuid;
END
$member$;

-- The roles of the member acting; empty for nobody.
CREATE OR REPLACE FUNCTION sec.roles() RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $member_roles$
BEGIN
  RETURN string_to_array(coalesce((sec.claims())[2], ''), ',');
END
$member_roles$;

-- Of other roles' sessions only statistics readers are told; what is passed on of them is one age. Where the server's
-- owner does not lend us this, the age stays unknown.
DO $statistics$
BEGIN
  ALTER ROLE sec_owner INHERIT;
  GRANT pg_read_all_stats TO sec_owner;
EXCEPTION WHEN insufficient_privilege THEN
  NULL;
END
$statistics$;

-- How long the oldest transaction that writes has been open, in any database of the server: feeds and relays wait for
-- it. Zero when there is none, NULL when we may not know.
CREATE OR REPLACE FUNCTION sec.oldest_writer_age() RETURNS interval
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $oldest$
  SELECT CASE WHEN pg_has_role('pg_read_all_stats', 'USAGE') THEN coalesce(clock_timestamp() - least(
    (SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL),
    (SELECT min(prepared) FROM pg_prepared_xacts)), '0') END
$oldest$;

DO $grants$
DECLARE
  function_name text;
  schema_name text;
BEGIN
  FOREACH function_name IN ARRAY ARRAY[
    'sec.claims()', 'sec.member_id()', 'sec.roles()', 'sec.oldest_writer_age()'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO sec_owner', function_name);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function_name);
  END LOOP;
  FOREACH schema_name IN ARRAY ARRAY['goals', 'coach', 'mentor', 'analytics', 'notify', 'gateway'] LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA sec TO %I', schema_name || '_owner');
    EXECUTE format('GRANT EXECUTE ON FUNCTION sec.member_id(), sec.roles() TO %I, %I, %I',
      schema_name || '_owner', schema_name || '_app', schema_name || '_system');
    EXECUTE format('GRANT EXECUTE ON FUNCTION sec.oldest_writer_age() TO %I', schema_name || '_system');
  END LOOP;
END
$grants$;
