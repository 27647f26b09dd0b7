-- What the broker's own record says a message is called, where no span says it: read once per trace in the background. The
-- first pair of columns is the span that told where the record lies, the second what the record's own trace context names.
-- Without ids: the record was looked at and has none, or is gone.
CREATE TABLE record_id (
  trace_id uuid NOT NULL,
  sender_trace_id uuid,
  ingest_day date NOT NULL,
  span_id bytea NOT NULL,
  sender_span_id bytea,
  destination text NOT NULL,
  position text NOT NULL,
  correlation_id text,
  found_in text,
  aliases text[] NOT NULL DEFAULT '{}'
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
CREATE INDEX record_id_trace ON record_id (trace_id);
--> statement-breakpoint
CREATE INDEX record_id_sender ON record_id (sender_trace_id) WHERE sender_trace_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX record_id_correlation ON record_id (correlation_id) WHERE correlation_id IS NOT NULL;
--> statement-breakpoint
CREATE INDEX record_id_aliases ON record_id USING gin (aliases) WHERE aliases <> '{}';
