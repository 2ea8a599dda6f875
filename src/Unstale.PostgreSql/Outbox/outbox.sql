-- Rows of committed changes that wait for the log. Runs again without effect.
SELECT pg_advisory_xact_lock(hashtextextended('unstale_schema.outbox', 0));

CREATE SCHEMA IF NOT EXISTS unstale_schema;

CREATE TABLE IF NOT EXISTS unstale_schema.outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cache      text NOT NULL DEFAULT 'default',
    change     jsonb NOT NULL,
    added_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at    timestamptz,
    generation text COLLATE "C",
    failure    text
);

CREATE INDEX IF NOT EXISTS outbox_unsent ON unstale_schema.outbox (cache, id) WHERE sent_at IS NULL;
CREATE INDEX IF NOT EXISTS outbox_sent ON unstale_schema.outbox (cache, generation) WHERE sent_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS outbox_age ON unstale_schema.outbox (sent_at) WHERE sent_at IS NOT NULL;

-- Adds a change in the transaction of the caller: SELECT unstale.outbox_add('product', '4', 'update', ARRAY['price']);
CREATE OR REPLACE FUNCTION unstale_schema.outbox_add(
    resource text, id text DEFAULT NULL, operation text DEFAULT 'update', fields text[] DEFAULT NULL, cache text DEFAULT 'default')
RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO unstale_schema.outbox (cache, change)
    VALUES ($5, jsonb_strip_nulls(jsonb_build_object('resource', $1, 'id', $2, 'operation', $3, 'fields', to_jsonb($4))))
    RETURNING outbox.id
$$;
