-- When a version was first seen is when it was deployed; of what is stored already it is not known.
ALTER TABLE span_origin ADD COLUMN first_seen_at timestamptz;
--> statement-breakpoint
ALTER TABLE span_origin ALTER COLUMN first_seen_at SET DEFAULT now();
