-- The attribute keys of spans of one kind, in their order; their values stand in span.attribute_values, parted by U+001F.
-- is_json: the value is JSON (a number, a list ...), else a plain text. The id is a digest of the keys. A span whose keys
-- are not worth a row here has its attributes as JSON in span.attributes.
CREATE TABLE attribute_key_set (
  ingest_day date NOT NULL,
  key_set_id bigint NOT NULL,
  keys text[] NOT NULL,
  is_json boolean[] NOT NULL,
  PRIMARY KEY (key_set_id, ingest_day)
) PARTITION BY RANGE (ingest_day);
--> statement-breakpoint
ALTER TABLE span ADD COLUMN key_set_id bigint, ADD COLUMN attribute_values text;
--> statement-breakpoint
-- What a span says under a key, as text; null when it does not say. `keys` are those of its key set.
CREATE FUNCTION attribute_text(keys text[], attribute_values text, key text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN split_part(attribute_values, E'\x1f', array_position(keys, key));
