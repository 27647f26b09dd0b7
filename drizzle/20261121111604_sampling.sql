-- Requests with spans of flows of which it is not decided yet whether they are kept. `pending` names those; a request goes
-- when none is left. Its holder is the collector that decides; one that is silent for a minute loses it to another.
CREATE TABLE sampling_request (
  request_id uuid PRIMARY KEY,
  received_at timestamptz NOT NULL DEFAULT now(),
  held_until timestamptz NOT NULL,
  holder text NOT NULL,
  is_json boolean NOT NULL,
  pending text[] NOT NULL,
  body bytea STORAGE EXTERNAL NOT NULL
);
--> statement-breakpoint
CREATE INDEX sampling_request_held_until ON sampling_request (held_until);
--> statement-breakpoint
-- What was dropped of a unit: `k` and a flow key, or `t` and a trace id for spans that carry none.
CREATE TABLE sampling_drop (
  first_us bigint NOT NULL,
  ingest_day date NOT NULL,
  span_count integer NOT NULL,
  unit text NOT NULL,
  PRIMARY KEY (unit, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
-- Spans by the hour in which they were received. What was received is kept, dropped, or waits. '' = not about a message.
CREATE TABLE sampling_count (
  hour_s bigint NOT NULL,
  received_count bigint NOT NULL,
  kept_count bigint NOT NULL,
  dropped_count bigint NOT NULL,
  destination text NOT NULL,
  PRIMARY KEY (hour_s, destination)
);
--> statement-breakpoint
-- Looked up by trace alone; the key is read from the row.
DROP INDEX flow_member_trace;
--> statement-breakpoint
CREATE INDEX flow_member_trace ON flow_member (trace_id);
