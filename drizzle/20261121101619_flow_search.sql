-- Who took part as a consumer, for the list's filter.
ALTER TABLE flow ADD COLUMN consumer_groups text[] NOT NULL DEFAULT '{}';
--> statement-breakpoint
-- Few flows go wrong: their index costs the others nothing, and an update moves into it only when the first error comes.
CREATE INDEX flow_bad ON flow (started_us, flow_key) WHERE error_count > 0 OR dead_letter_count > 0;
--> statement-breakpoint
CREATE INDEX flow_redriven ON flow (started_us, flow_key) WHERE redriven_count > 0;
--> statement-breakpoint
-- Postings: something by which a flow is looked for and that its own row does not hold. Kinds: 1 waited (value = dwell in
-- us, from a second up), 2 attempt (value = its number, from the second on), 3 failure, 4 message key, 100 + n = the
-- attribute key of attribute_index.number n; from 3 on the value is a hash. The flow is named by its key where the span
-- carries one, else by the trace.
CREATE TABLE flow_mark (
  value bigint NOT NULL,
  at_us bigint NOT NULL,
  ingest_day date NOT NULL,
  kind smallint NOT NULL,
  trace_id uuid,
  flow_key text
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX flow_mark_value ON flow_mark (value, kind, at_us) WHERE kind >= 3;
--> statement-breakpoint
CREATE INDEX flow_mark_number ON flow_mark (kind, at_us) WHERE kind < 3;
--> statement-breakpoint
CREATE INDEX flow_mark_at ON flow_mark USING brin (at_us) WITH (pages_per_range = 32);
