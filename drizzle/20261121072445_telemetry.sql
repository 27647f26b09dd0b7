-- Telemetry is append only and partitioned by the UTC day on which it came in: late spans never touch old partitions, and
-- retention is DROP TABLE. The collector makes the partitions ahead of time. Times are microseconds since the epoch.
CREATE TABLE span_origin (
  ingest_day date NOT NULL,
  origin_id bigint NOT NULL,
  service text NOT NULL,
  service_version text,
  scope text,
  resource json NOT NULL,
  PRIMARY KEY (origin_id, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE TABLE span (
  trace_id uuid NOT NULL,
  start_us bigint NOT NULL,
  duration_us bigint NOT NULL,
  origin_id bigint NOT NULL,
  ingest_day date NOT NULL,
  kind smallint NOT NULL,
  status smallint NOT NULL,
  operation smallint,
  dropped_link_count integer,
  dropped_attribute_count integer,
  dropped_event_count integer,
  batch_count integer,
  span_id bytea NOT NULL,
  parent_span_id bytea,
  service text NOT NULL,
  name text NOT NULL,
  status_message text,
  correlation_id text,
  system text,
  destination text,
  partition text,
  message_offset text,
  message_id text,
  consumer_group text,
  client_id text,
  message_key text,
  conversation_id text,
  exception_type text,
  exception_message text,
  links bytea,
  link_attributes json,
  attributes json,
  events json
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX span_trace ON span (trace_id);
--> statement-breakpoint
CREATE INDEX span_start ON span USING brin (start_us) WITH (pages_per_range = 32);
--> statement-breakpoint
CREATE INDEX span_failed ON span (service, start_us) WHERE status = 2;
--> statement-breakpoint
CREATE TABLE span_link (
  linked_trace_id uuid NOT NULL,
  trace_id uuid NOT NULL,
  ingest_day date NOT NULL,
  linked_span_id bytea NOT NULL,
  span_id bytea NOT NULL
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
-- The question is always "who took my message?", never "what does this span link to?" (the span row knows that).
CREATE INDEX span_link_linked ON span_link (linked_span_id, linked_trace_id);
--> statement-breakpoint
-- Half a hop: 1 sent, 2 received, 3 settled. A batch has one row per message that it took. The sender columns and the two
-- hashes are what halves are joined by, strongest first.
CREATE TABLE message_event (
  trace_id uuid NOT NULL,
  at_us bigint NOT NULL,
  ended_us bigint NOT NULL,
  sender_trace_id uuid,
  message_hash uuid,
  position_hash uuid,
  ingest_day date NOT NULL,
  event smallint NOT NULL,
  is_error boolean NOT NULL,
  is_sender_linked boolean NOT NULL,
  span_id bytea NOT NULL,
  sender_span_id bytea,
  system text NOT NULL,
  service text NOT NULL,
  destination text,
  consumer_group text
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX message_event_sender ON message_event (sender_span_id) WHERE sender_span_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX message_event_message ON message_event (message_hash) WHERE message_hash IS NOT NULL;
--> statement-breakpoint
CREATE INDEX message_event_position ON message_event (position_hash) WHERE position_hash IS NOT NULL;
--> statement-breakpoint
CREATE INDEX message_event_at ON message_event USING brin (at_us) WITH (pages_per_range = 32);
--> statement-breakpoint
-- Which traces a flow has. The fallback row of a trace has the trace id as flow key: it holds when nothing better is known.
CREATE TABLE flow_member (
  trace_id uuid NOT NULL,
  first_us bigint NOT NULL,
  last_us bigint NOT NULL,
  ingest_day date NOT NULL,
  is_fallback boolean NOT NULL,
  flow_key text NOT NULL,
  PRIMARY KEY (flow_key, trace_id, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX flow_member_trace ON flow_member (trace_id, flow_key);
--> statement-breakpoint
CREATE TABLE flow_alias (
  ingest_day date NOT NULL,
  alias text NOT NULL,
  flow_key text NOT NULL,
  PRIMARY KEY (alias, flow_key, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
-- The row of the flow list, merged once per batch; a flow that lives over midnight has one row per day.
CREATE TABLE flow (
  started_us bigint NOT NULL,
  ended_us bigint NOT NULL,
  ingest_day date NOT NULL,
  span_count integer NOT NULL,
  error_count integer NOT NULL,
  hop_count integer NOT NULL,
  dead_letter_count integer NOT NULL,
  redriven_count integer NOT NULL,
  is_fallback boolean NOT NULL,
  flow_key text NOT NULL,
  services text[] NOT NULL,
  destinations text[] NOT NULL,
  PRIMARY KEY (flow_key, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX flow_started ON flow (started_us, flow_key);
--> statement-breakpoint
-- Ten seconds of one destination, group and service. Append only: several rows of one bucket are added when read.
-- Sketches are pairs of (bin, count); the bins are those of domain/trace/duration-sketch.ts.
CREATE TABLE rollup (
  bucket_s bigint NOT NULL,
  ingest_day date NOT NULL,
  sent_count integer NOT NULL,
  received_count integer NOT NULL,
  error_count integer NOT NULL,
  destination text NOT NULL,
  consumer_group text,
  service text NOT NULL,
  dwell integer[] NOT NULL,
  processing integer[] NOT NULL
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX rollup_bucket ON rollup (bucket_s, destination);
--> statement-breakpoint
-- Digests of requests that were committed, so that a request which is sent again is stored once.
CREATE TABLE telemetry_request (
  digest uuid PRIMARY KEY,
  committed_at timestamptz NOT NULL DEFAULT now()
);
--> statement-breakpoint
CREATE INDEX telemetry_request_committed ON telemetry_request USING brin (committed_at);
