-- Long flows are few; most updates of a flow leave its class as it is, and with it the indexes.
ALTER TABLE flow ADD COLUMN length_class smallint GENERATED ALWAYS AS (
  CASE WHEN ended_us - started_us >= 600000000 THEN 2 WHEN ended_us - started_us >= 10000000 THEN 1 ELSE 0 END
) STORED;
--> statement-breakpoint
CREATE INDEX flow_long ON flow (started_us, flow_key) WHERE length_class >= 1;
--> statement-breakpoint
CREATE INDEX flow_very_long ON flow (started_us, flow_key) WHERE length_class >= 2;
--> statement-breakpoint
-- Kinds 5 to 7 of flow_mark say in which minutes a service, a destination or a consumer group was named. Flows that began
-- before this (in us) may name some that were not posted.
CREATE TABLE names_posted_from AS SELECT
  CASE WHEN EXISTS (SELECT FROM flow) THEN (extract(epoch FROM now()) * 1000000)::bigint ELSE 0 END AS from_us;
