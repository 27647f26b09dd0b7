-- Who produced what was received; null = not known. Rows are made coarser with age: `width_s` is the length of the
-- bucket, `level` says how often it was merged (0 = as written).
ALTER TABLE rollup
  ADD COLUMN from_service text,
  ADD COLUMN width_s integer NOT NULL DEFAULT 10,
  ADD COLUMN level smallint NOT NULL DEFAULT 0;
--> statement-breakpoint
CREATE INDEX rollup_level ON rollup (level, bucket_s);
