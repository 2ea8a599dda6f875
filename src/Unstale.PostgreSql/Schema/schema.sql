-- Tables and functions of the logs of Unstale. The script may run again. It needs the right to create a schema, or the ownership of an existing one.
SELECT pg_advisory_xact_lock(hashtextextended('unstale_schema', 0));

CREATE SCHEMA IF NOT EXISTS unstale_schema;

-- One row for each log. Every position is taken from the row under its lock, so positions have no gaps, and a visible position implies all below.
CREATE TABLE IF NOT EXISTS unstale_schema.logs (
  name text PRIMARY KEY,
  generation uuid NOT NULL,             -- history in which the sequence counts
  sequence bigint NOT NULL,             -- newest position
  last_id bigint NOT NULL,              -- id of the newest record; 0 for none
  before_id bigint NOT NULL,            -- id of the record before the newest batch
  written_by xid8 NOT NULL,             -- transaction of the newest write: any other xmin means that the row was restored from a dump
  server text NOT NULL,                 -- see server(): any other server means a failover or a restored backup
  confirmed timestamptz NOT NULL,       -- newest confirmation by nodes that have left, or the start of the history
  serves bigint NOT NULL,               -- longest time for which a node that has left may serve, in milliseconds
  served_before bigint NOT NULL,        -- longest time for which a node of a replaced history may serve
  dropped bigint NOT NULL DEFAULT 0,    -- number of nodes dropped without a confirmation for an hour
  dropped_serves bigint NOT NULL DEFAULT 0,
  versions_since timestamptz NOT NULL   -- time since which all reported versions of keys are in the table of versions
) WITH (fillfactor = 10);

CREATE TABLE IF NOT EXISTS unstale_schema.records (
  generation uuid NOT NULL,
  sequence bigint NOT NULL,
  id bigint NOT NULL,
  previous_id bigint NOT NULL,
  record bytea NOT NULL,                -- JSON in UTF-8, whatever the encoding of the database: convert_from(record, 'UTF8')
  PRIMARY KEY (generation, sequence)
);

-- Nodes that follow a log, each with its newest confirmation.
CREATE TABLE IF NOT EXISTS unstale_schema.nodes (
  log text NOT NULL,
  node text NOT NULL,
  generation uuid,                      -- null for a node that has not adopted a history yet
  cursor bigint NOT NULL,               -- position up to which the node has applied all records
  serves bigint NOT NULL,               -- time for which the node may serve without another confirmation, in milliseconds
  confirmed timestamptz,
  seen timestamptz NOT NULL,
  confirmations bigint NOT NULL,
  PRIMARY KEY (log, node)
) WITH (fillfactor = 20);

-- Highest version of each key reported within the last ten minutes.
CREATE TABLE IF NOT EXISTS unstale_schema.versions (
  log text NOT NULL,
  cache bytea NOT NULL,
  key bytea NOT NULL,
  version bigint NOT NULL,
  sequence bigint NOT NULL,
  sure_from timestamptz NOT NULL,       -- time from which no higher version can have been forgotten
  raised timestamptz NOT NULL,
  PRIMARY KEY (log, cache, key)
);
CREATE INDEX IF NOT EXISTS versions_raised ON unstale_schema.versions (raised);

CREATE OR REPLACE FUNCTION unstale_schema.version() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';

-- Timeline of the server, which a promotion changes. Without fsync a crash may lose commits, so each start of such a server counts as another server.
-- The timeline is read from the current place in the write-ahead log, because the control file still has the old one directly after a promotion.
CREATE OR REPLACE FUNCTION unstale_schema.server() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT left(pg_walfile_name(pg_current_wal_lsn()), 8)
    || CASE WHEN current_setting('fsync') = 'off' THEN ' ' || extract(epoch FROM pg_postmaster_start_time()) ELSE '' END
$$;

-- The commit of the calling transaction waits for the disk, and for synchronous standbys if the server has any.
CREATE OR REPLACE FUNCTION unstale_schema.commit_durably() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
END $$;

-- Appends records in order, as consecutive positions. Returns nulls, and appends nothing, if the history is broken.
CREATE OR REPLACE FUNCTION unstale_schema.append(
  p_log text, p_ids bigint[], p_records bytea[], p_everything boolean, OUT o_generation uuid, OUT o_first bigint, OUT o_previous_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
  added integer := cardinality(p_ids);
BEGIN
  PERFORM unstale_schema.commit_durably();
  UPDATE unstale_schema.logs l
    SET sequence = l.sequence + added, before_id = l.last_id, last_id = p_ids[added], written_by = pg_current_xact_id(),
      versions_since = CASE WHEN p_everything THEN clock_timestamp() ELSE l.versions_since END
    WHERE l.name = p_log AND l.xmin = l.written_by::xid AND l.server = unstale_schema.server()
    RETURNING l.generation, l.sequence - added + 1, l.before_id INTO o_generation, o_first, o_previous_id;
  IF FOUND THEN
    INSERT INTO unstale_schema.records (generation, sequence, id, previous_id, record)
      SELECT o_generation, o_first + r.n - 1, r.id, coalesce(lag(r.id) OVER (ORDER BY r.n), o_previous_id), r.record
      FROM unnest(p_ids, p_records) WITH ORDINALITY AS r(id, record, n);
  END IF;
END $$;

-- Appends one record that reports a version of a key. With p_decides, a record whose version is not above the known one is not appended: o_sequence is then
-- the position of the earlier record. A repetition of the record that reported the known version is appended again.
-- o_state: 1 the version is the newest, 2 a higher one may have been forgotten, 3 not appended.
CREATE OR REPLACE FUNCTION unstale_schema.append_version(
  p_log text, p_id bigint, p_record bytea, p_cache bytea, p_key bytea, p_version bigint, p_decides boolean,
  OUT o_generation uuid, OUT o_sequence bigint, OUT o_previous_id bigint, OUT o_state integer, OUT o_newest bigint)
LANGUAGE plpgsql AS $$
DECLARE
  since timestamptz;
  known_version bigint;
  known_sequence bigint;
  sure timestamptz;
  at timestamptz;
BEGIN
  SELECT l.generation, l.sequence, l.versions_since INTO o_generation, o_newest, since FROM unstale_schema.logs l
    WHERE l.name = p_log AND l.xmin = l.written_by::xid AND l.server = unstale_schema.server() FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  at := clock_timestamp();
  SELECT v.version, v.sequence, v.sure_from INTO known_version, known_sequence, sure FROM unstale_schema.versions v
    WHERE v.log = p_log AND v.cache = p_cache AND v.key = p_key AND v.raised > since;
  sure := coalesce(sure, since + interval '10 minutes');
  IF p_decides AND p_version <= known_version AND NOT EXISTS (
    SELECT FROM unstale_schema.records r WHERE r.generation = o_generation AND r.sequence = known_sequence AND r.id = p_id)
  THEN
    o_sequence := known_sequence;
    o_previous_id := 0;
    o_state := 3;
    RETURN;
  END IF;
  o_state := CASE WHEN at >= sure THEN 1 ELSE 2 END;
  SELECT a.o_generation, a.o_first, a.o_previous_id INTO o_generation, o_sequence, o_previous_id
    FROM unstale_schema.append(p_log, ARRAY[p_id], ARRAY[p_record], false) a;
  IF known_version IS NULL OR p_version >= known_version THEN
    INSERT INTO unstale_schema.versions AS v (log, cache, key, version, sequence, sure_from, raised)
      VALUES (p_log, p_cache, p_key, p_version, o_sequence, sure, at)
      ON CONFLICT (log, cache, key) DO UPDATE
        SET version = excluded.version, sequence = excluded.sequence, sure_from = excluded.sure_from, raised = excluded.raised;
  END IF;
END $$;

-- Confirms a node, and returns the records above its cursor. The first row has the state of the log and no record: 'records', 'other' (the log is in another
-- history) or 'broken' (a new history must begin). The first two follow a write, which a server that must no longer be trusted refuses.
CREATE OR REPLACE FUNCTION unstale_schema.tail(
  p_log text, p_generation uuid, p_cursor bigint, p_id bigint, p_own_sequence bigint, p_own_id bigint, p_node text, p_serves bigint, p_confirms boolean,
  p_page integer, p_most_behind bigint)
RETURNS TABLE (o_state text, o_generation uuid, o_newest bigint, o_last_id bigint, o_sequence bigint, o_id bigint, o_previous_id bigint, o_record bytea)
LANGUAGE plpgsql AS $$
DECLARE
  here record;
  confirmed_at timestamptz;
  serving bigint;
  at timestamptz;
  is_same boolean;
BEGIN
  PERFORM unstale_schema.commit_durably();
  SELECT l.*, l.xmin = l.written_by::xid AND l.server = unstale_schema.server() AS is_intact INTO here FROM unstale_schema.logs l WHERE l.name = p_log;
  SELECT max(n.confirmed), max(n.serves) INTO confirmed_at, serving FROM unstale_schema.nodes n WHERE n.log = p_log AND n.generation = here.generation;
  at := clock_timestamp();
  confirmed_at := greatest(confirmed_at, here.confirmed);
  serving := nullif(greatest(serving, here.serves, 0), 0);
  is_same := coalesce(here.generation = p_generation, false);

  -- Records may have been appended to a copy of the database if no node has confirmed this one for as long as a node may serve. Only this rule depends on
  -- a wall clock. A server clock that was set back counts as broken.
  IF here.generation IS NULL OR NOT here.is_intact
    OR at - confirmed_at > coalesce(serving, 60000) * interval '1 millisecond' OR at - confirmed_at < interval '-1 second'
    OR is_same AND (
      unstale_schema.is_other(here.generation, here.sequence, here.last_id, p_cursor, p_id)
      OR unstale_schema.is_other(here.generation, here.sequence, here.last_id, p_own_sequence, p_own_id))
  THEN
    RETURN QUERY SELECT 'broken', here.generation, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::bytea;
    RETURN;
  END IF;

  INSERT INTO unstale_schema.nodes AS n (log, node, generation, cursor, serves, confirmed, seen, confirmations)
    VALUES (p_log, p_node, p_generation, p_cursor, p_serves, CASE WHEN is_same AND p_confirms THEN at END, at, 1)
    ON CONFLICT (log, node) DO UPDATE
      SET generation = excluded.generation, cursor = excluded.cursor, serves = excluded.serves, confirmed = coalesce(excluded.confirmed, n.confirmed),
        seen = at, confirmations = n.confirmations + 1;
  RETURN QUERY SELECT CASE WHEN is_same THEN 'records' ELSE 'other' END, here.generation, here.sequence, here.last_id, 0::bigint, 0::bigint, 0::bigint, NULL::bytea;
  IF is_same AND here.sequence - p_cursor BETWEEN 1 AND p_most_behind THEN
    RETURN QUERY SELECT NULL::text, NULL::uuid, NULL::bigint, NULL::bigint, r.sequence, r.id, r.previous_id, r.record FROM unstale_schema.records r
      WHERE r.generation = p_generation AND r.sequence > p_cursor AND r.sequence <= here.sequence ORDER BY r.sequence LIMIT p_page;
  END IF;
END $$;

-- Whether the history ends below a position, or has another record at the position. False if the record was removed.
CREATE OR REPLACE FUNCTION unstale_schema.is_other(p_generation uuid, p_newest bigint, p_last_id bigint, p_sequence bigint, p_id bigint)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN p_sequence > p_newest THEN true
    WHEN p_sequence <= 0 THEN false
    WHEN p_sequence = p_newest THEN p_last_id <> p_id
    ELSE coalesce((SELECT r.id <> p_id FROM unstale_schema.records r WHERE r.generation = p_generation AND r.sequence = p_sequence), false) END
$$;

-- Begins a history if there is none, if the present one is broken, or if the present one is p_instead. Otherwise changes nothing.
CREATE OR REPLACE FUNCTION unstale_schema.begin_history(p_log text, p_instead uuid, p_generation uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  serving bigint;
BEGIN
  PERFORM unstale_schema.commit_durably();
  INSERT INTO unstale_schema.logs (name, generation, sequence, last_id, before_id, written_by, server, confirmed, serves, served_before, versions_since)
    VALUES (p_log, p_generation, 0, 0, 0, pg_current_xact_id(), unstale_schema.server(), clock_timestamp(), 0, 0, clock_timestamp())
    ON CONFLICT (name) DO NOTHING;
  IF NOT FOUND THEN
    SELECT max(n.serves) INTO serving FROM unstale_schema.nodes n WHERE n.log = p_log;
    UPDATE unstale_schema.logs l
      SET generation = p_generation, sequence = 0, last_id = 0, before_id = 0, written_by = pg_current_xact_id(), server = unstale_schema.server(),
        confirmed = clock_timestamp(), serves = 0, served_before = greatest(l.served_before, l.serves, l.dropped_serves, serving), dropped = 0,
        dropped_serves = 0, versions_since = clock_timestamp()
      WHERE l.name = p_log AND (l.generation = p_instead OR l.xmin <> l.written_by::xid OR l.server <> unstale_schema.server());
    IF NOT FOUND THEN
      RETURN;
    END IF;
  END IF;
  DELETE FROM unstale_schema.nodes n WHERE n.log = p_log;
END $$;

-- Lists the nodes of a log, and notifies every node to confirm its position. The first row has the history of the log and the longest time for which a node
-- that has left may serve. Dropped nodes are one row, whose name changes with each further one, because they may still serve.
CREATE OR REPLACE FUNCTION unstale_schema.members(p_log text)
RETURNS TABLE (o_node text, o_generation uuid, o_cursor bigint, o_serves bigint, o_confirmation bigint) LANGUAGE plpgsql AS $$
DECLARE
  here record;
  silent record;
BEGIN
  PERFORM unstale_schema.commit_durably();
  IF EXISTS (SELECT FROM unstale_schema.nodes n WHERE n.log = p_log AND n.seen < clock_timestamp() - interval '1 hour') THEN
    WITH gone AS (DELETE FROM unstale_schema.nodes n WHERE n.log = p_log AND n.seen < clock_timestamp() - interval '1 hour' RETURNING n.serves)
      SELECT count(*) AS nodes, max(serves) AS serves INTO silent FROM gone;
    UPDATE unstale_schema.logs l
      SET dropped = l.dropped + silent.nodes, dropped_serves = greatest(l.dropped_serves, silent.serves), written_by = pg_current_xact_id()
      WHERE l.name = p_log AND l.xmin = l.written_by::xid;
  END IF;
  PERFORM pg_notify('unstale_schema', '?' || left(p_log, 1000));
  SELECT l.generation, greatest(l.serves, l.served_before) AS serves, l.dropped, l.dropped_serves INTO here FROM unstale_schema.logs l WHERE l.name = p_log;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT NULL::text, here.generation, 0::bigint, here.serves, 0::bigint;
  IF here.dropped > 0 THEN
    RETURN QUERY SELECT 'dropped ' || here.dropped, NULL::uuid, 0::bigint, here.dropped_serves, here.dropped;
  END IF;
  RETURN QUERY SELECT n.node, n.generation, n.cursor, n.serves, n.confirmations FROM unstale_schema.nodes n WHERE n.log = p_log;
END $$;

-- Removes a node that ends in order, so that no other node waits for it.
CREATE OR REPLACE FUNCTION unstale_schema.leave(p_log text, p_node text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own record;
BEGIN
  DELETE FROM unstale_schema.nodes n WHERE n.log = p_log AND n.node = p_node RETURNING n.generation, n.confirmed, n.serves INTO own;
  IF own.confirmed IS NOT NULL THEN
    UPDATE unstale_schema.logs l
      SET confirmed = greatest(l.confirmed, own.confirmed), serves = greatest(l.serves, own.serves), written_by = pg_current_xact_id()
      WHERE l.name = p_log AND l.generation = own.generation AND l.xmin = l.written_by::xid;
  END IF;
END $$;

-- Removes records beyond the newest p_keep of a history, records of replaced histories and old versions, at most p_limit of each. Returns the number of
-- removed records.
CREATE OR REPLACE FUNCTION unstale_schema.trim(p_generation uuid, p_keep bigint, p_limit integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  removed bigint;
  removed_others bigint := 0;
  other uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  DELETE FROM unstale_schema.records d USING (
    SELECT r.generation, r.sequence FROM unstale_schema.records r
      WHERE r.generation = p_generation AND r.sequence <= (SELECT l.sequence FROM unstale_schema.logs l WHERE l.generation = p_generation) - p_keep
      ORDER BY r.sequence LIMIT p_limit FOR UPDATE SKIP LOCKED) AS old
    WHERE d.generation = old.generation AND d.sequence = old.sequence;
  GET DIAGNOSTICS removed = ROW_COUNT;
  LOOP
    SELECT r.generation INTO other FROM unstale_schema.records r WHERE r.generation > other ORDER BY r.generation LIMIT 1;
    EXIT WHEN NOT FOUND;
    IF NOT EXISTS (SELECT FROM unstale_schema.logs l WHERE l.generation = other) THEN
      DELETE FROM unstale_schema.records d USING (
        SELECT r.generation, r.sequence FROM unstale_schema.records r WHERE r.generation = other ORDER BY r.sequence LIMIT p_limit FOR UPDATE SKIP LOCKED) AS old
        WHERE d.generation = old.generation AND d.sequence = old.sequence;
      GET DIAGNOSTICS removed_others = ROW_COUNT;
      EXIT;
    END IF;
  END LOOP;
  DELETE FROM unstale_schema.versions v WHERE v.ctid IN (
    SELECT o.ctid FROM unstale_schema.versions o WHERE o.raised < clock_timestamp() - interval '10 minutes' ORDER BY o.raised LIMIT p_limit FOR UPDATE SKIP LOCKED);
  RETURN removed + removed_others;
END $$;
