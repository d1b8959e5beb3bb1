"""The schema of a team's ledger in PostgreSQL, as numbered steps that only go forward.

A released step is never edited: a change is a new step. Rows of one table are known by their click's key, the moment
they were begun and, for the same click at the same microsecond, a number, so that a row means the same row in every
copy of a ledger, whatever its number there. `seq` goes up with every change; who pushes holds a lock, so that it goes
up in the order in which changes become visible.
"""

PUSHING, BUDGETING, MIGRATING = 0x54570001, 0x54570002, 0x54570003
"""Numbers of the locks, which are the server's for one database."""

_FIRST = """
CREATE TABLE tierwise.about (id uuid NOT NULL DEFAULT gen_random_uuid());
INSERT INTO tierwise.about DEFAULT VALUES;
CREATE SEQUENCE tierwise.changes;
CREATE TABLE tierwise.actions (
    click text NOT NULL,
    started_us bigint NOT NULL,
    twin integer NOT NULL,
    action text NOT NULL,
    language text NOT NULL,
    workspace text NOT NULL,
    client text NOT NULL,
    outcome text NOT NULL,
    code text NOT NULL,
    ended_us bigint,
    crc bigint NOT NULL,
    origin text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (click, started_us, twin)
);
CREATE TABLE tierwise.attempts (
    click text NOT NULL,
    started_us bigint NOT NULL,
    twin integer NOT NULL,
    is_clock_behind bigint NOT NULL,
    tier text NOT NULL,
    backend text NOT NULL,
    model text NOT NULL,
    planned text NOT NULL,
    reason_code text NOT NULL,
    reason_words text NOT NULL,
    prompt_files bigint NOT NULL,
    estimated_input_tokens bigint NOT NULL,
    price_input bigint,
    price_output bigint,
    price_cache_read bigint,
    price_cache_write bigint,
    price_source text NOT NULL,
    outcome text NOT NULL,
    code text NOT NULL,
    detail text NOT NULL,
    input_tokens bigint,
    output_tokens bigint,
    cached_tokens bigint,
    reasoning_tokens bigint,
    is_usage_estimated bigint NOT NULL,
    first_token_us bigint,
    duration_us bigint,
    cost_pico_usd bigint,
    crc bigint NOT NULL,
    origin text NOT NULL,
    seq bigint NOT NULL,
    booked_day integer NOT NULL,
    PRIMARY KEY (click, started_us, twin)
);
CREATE TABLE tierwise.hits (
    click text NOT NULL,
    started_us bigint NOT NULL,
    twin integer NOT NULL,
    kind text NOT NULL,
    tier text NOT NULL,
    backend text NOT NULL,
    model text NOT NULL,
    input_tokens bigint,
    output_tokens bigint,
    saved_pico_usd bigint,
    crc bigint NOT NULL,
    origin text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (click, started_us, twin)
);
CREATE TABLE tierwise.fates (
    click text NOT NULL,
    started_us bigint NOT NULL,
    twin integer NOT NULL,
    fate text NOT NULL,
    tier text NOT NULL,
    backend text NOT NULL,
    model text NOT NULL,
    crc bigint NOT NULL,
    origin text NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (click, started_us, twin)
);
CREATE INDEX actions_by_seq ON tierwise.actions (seq);
CREATE INDEX attempts_by_seq ON tierwise.attempts (seq);
CREATE INDEX hits_by_seq ON tierwise.hits (seq);
CREATE INDEX fates_by_seq ON tierwise.fates (seq);

-- How far a row has come: a later state replaces an earlier one, whichever arrives first.
CREATE FUNCTION tierwise.rank(outcome text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE outcome WHEN 'running' THEN 0 WHEN 'unknown' THEN 1 WHEN 'proposed' THEN 2 ELSE 3 END
$$;

CREATE TABLE tierwise.spending (day integer PRIMARY KEY, pico_usd numeric NOT NULL);
CREATE TABLE tierwise.holds (
    hold text PRIMARY KEY,
    origin text NOT NULL,
    day integer NOT NULL,
    pico_usd bigint NOT NULL
);
CREATE INDEX holds_by_day ON tierwise.holds (day);

CREATE FUNCTION tierwise.today() RETURNS integer LANGUAGE sql VOLATILE AS $$
    SELECT floor(extract(epoch FROM clock_timestamp()) / 86400)::integer
$$;

CREATE FUNCTION tierwise.count_cost() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.cost_pico_usd > 0 THEN
        UPDATE tierwise.spending SET pico_usd = pico_usd - OLD.cost_pico_usd WHERE day = OLD.booked_day;
    END IF;
    IF NEW.cost_pico_usd > 0 THEN
        INSERT INTO tierwise.spending (day, pico_usd) VALUES (NEW.booked_day, NEW.cost_pico_usd)
        ON CONFLICT (day) DO UPDATE SET pico_usd = spending.pico_usd + excluded.pico_usd;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_cost AFTER INSERT OR UPDATE ON tierwise.attempts
    FOR EACH ROW EXECUTE FUNCTION tierwise.count_cost();

-- What counts for the budgets now, read in one statement, so that money on its way from held to spent is seen once.
CREATE FUNCTION tierwise.standing(
    OUT day_spent numeric, OUT day_held numeric, OUT month_spent numeric, OUT month_held numeric
) LANGUAGE sql VOLATILE AS $$
    SELECT
        (SELECT coalesce(sum(pico_usd), 0) FROM tierwise.spending WHERE bounds.today <= day),
        (SELECT coalesce(sum(pico_usd), 0) FROM tierwise.holds WHERE bounds.today - 1 <= day),
        (SELECT coalesce(sum(pico_usd), 0) FROM tierwise.spending WHERE bounds.first <= day),
        (SELECT coalesce(sum(pico_usd), 0) FROM tierwise.holds WHERE bounds.first - 1 <= day)
    FROM (
        SELECT tierwise.today() AS today,
            (date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC')::date - date '1970-01-01') AS first
    ) AS bounds
$$;

CREATE FUNCTION tierwise.hold(
    the_hold text, the_origin text, most bigint, day_cap numeric, month_cap numeric,
    OUT is_held boolean, OUT day_spent numeric, OUT day_held numeric, OUT month_spent numeric, OUT month_held numeric
) LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1414987778);
    SELECT now_standing.* INTO day_spent, day_held, month_spent, month_held FROM tierwise.standing() AS now_standing;
    is_held := (day_cap IS NULL OR day_spent + day_held + most <= day_cap)
        AND (month_cap IS NULL OR month_spent + month_held + most <= month_cap);
    IF is_held THEN
        INSERT INTO tierwise.holds (hold, origin, day, pico_usd)
        VALUES (the_hold, the_origin, tierwise.today(), most);
    END IF;
END
$$;
"""

_MEMBERS = """
CREATE TABLE tierwise.members (origin text PRIMARY KEY, name text NOT NULL);
"""

_CAPS = """
CREATE TABLE tierwise.caps (
    period text PRIMARY KEY CHECK (period IN ('day', 'month')),
    pico_usd numeric NOT NULL CHECK (0 <= pico_usd)
);
DROP FUNCTION tierwise.hold(text, text, bigint, numeric, numeric);
CREATE FUNCTION tierwise.hold(
    the_hold text, the_origin text, most bigint, day_cap numeric, month_cap numeric,
    OUT is_held boolean, OUT day_spent numeric, OUT day_held numeric, OUT month_spent numeric, OUT month_held numeric,
    OUT common_day numeric, OUT common_month numeric
) LANGUAGE plpgsql SET lock_timeout = '1s' AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(1414987778);
    SELECT now_standing.* INTO day_spent, day_held, month_spent, month_held FROM tierwise.standing() AS now_standing;
    SELECT pico_usd INTO common_day FROM tierwise.caps WHERE period = 'day';
    SELECT pico_usd INTO common_month FROM tierwise.caps WHERE period = 'month';
    -- The strictest counts; a bound that is not set is no bound.
    is_held := coalesce(day_spent + day_held + most <= least(day_cap, common_day), true)
        AND coalesce(month_spent + month_held + most <= least(month_cap, common_month), true);
    IF is_held THEN
        INSERT INTO tierwise.holds (hold, origin, day, pico_usd)
        VALUES (the_hold, the_origin, tierwise.today(), most);
    END IF;
END
$$;
"""

STEPS: tuple[str, ...] = (_FIRST, _MEMBERS, _CAPS)
BEGIN_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS tierwise;
CREATE TABLE IF NOT EXISTS tierwise.steps (number integer PRIMARY KEY, taken timestamptz NOT NULL DEFAULT now());
"""
