CREATE TABLE "dead_letter_tally" (
	"state" text NOT NULL,
	"fingerprint" text NOT NULL,
	"cluster_id" text NOT NULL,
	"destination" text NOT NULL,
	"origin_destination" text NOT NULL,
	"consumer_group" text NOT NULL,
	"dead_hour" integer NOT NULL,
	"letter_count" integer NOT NULL,
	CONSTRAINT "dead_letter_tally_key" PRIMARY KEY("state","fingerprint","cluster_id","destination","origin_destination","consumer_group","dead_hour")
);
--> statement-breakpoint
CREATE TABLE "dead_letter_tally_change" (
	"state" text NOT NULL,
	"fingerprint" text NOT NULL,
	"cluster_id" text NOT NULL,
	"destination" text NOT NULL,
	"origin_destination" text NOT NULL,
	"consumer_group" text NOT NULL,
	"dead_hour" integer NOT NULL,
	"letter_count" integer NOT NULL
);
--> statement-breakpoint
DROP INDEX "dead_letter_return_of_operation_id_return_of_item_index";--> statement-breakpoint
DROP INDEX "dead_letter_dead_at_index";--> statement-breakpoint
CREATE INDEX "dead_letter_return" ON "dead_letter" USING btree ("return_of_operation_id","return_of_item") WHERE return_of_operation_id is not null;--> statement-breakpoint
CREATE INDEX "dead_letter_group_expiry" ON "dead_letter" USING btree ("state","cluster_id","destination","fingerprint","expires_at") WHERE expires_at is not null;--> statement-breakpoint
ALTER TABLE "dead_letter_tally_change" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);--> statement-breakpoint
DROP INDEX "dead_letter_group";--> statement-breakpoint
CREATE INDEX "dead_letter_group" ON "dead_letter" USING btree ("state","fingerprint","dead_at","id") INCLUDE ("cluster_id");--> statement-breakpoint
CREATE FUNCTION note_dead_letters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO dead_letter_tally_change
    SELECT state, fingerprint, cluster_id, destination, coalesce(origin_destination, ''), coalesce(consumer_group, ''),
      floor(date_part('epoch', dead_at) / 3600)::integer, count(*)::integer
    FROM letters_after GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSIF TG_OP = 'DELETE' THEN
    INSERT INTO dead_letter_tally_change
    SELECT state, fingerprint, cluster_id, destination, coalesce(origin_destination, ''), coalesce(consumer_group, ''),
      floor(date_part('epoch', dead_at) / 3600)::integer, -count(*)::integer
    FROM letters_before GROUP BY 1, 2, 3, 4, 5, 6, 7;
  ELSE
    INSERT INTO dead_letter_tally_change
    SELECT state, fingerprint, cluster_id, destination, coalesce(origin_destination, ''), coalesce(consumer_group, ''),
      floor(date_part('epoch', dead_at) / 3600)::integer, sum(change)::integer
    FROM (
      SELECT state, fingerprint, cluster_id, destination, origin_destination, consumer_group, dead_at, 1 AS change
      FROM letters_after
      UNION ALL
      SELECT state, fingerprint, cluster_id, destination, origin_destination, consumer_group, dead_at, -1
      FROM letters_before
    ) AS changed
    GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(change) <> 0;
  END IF;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER dead_letter_added AFTER INSERT ON dead_letter
REFERENCING NEW TABLE AS letters_after FOR EACH STATEMENT EXECUTE FUNCTION note_dead_letters();--> statement-breakpoint
CREATE TRIGGER dead_letter_changed AFTER UPDATE ON dead_letter
REFERENCING OLD TABLE AS letters_before NEW TABLE AS letters_after FOR EACH STATEMENT EXECUTE FUNCTION note_dead_letters();--> statement-breakpoint
CREATE TRIGGER dead_letter_removed AFTER DELETE ON dead_letter
REFERENCING OLD TABLE AS letters_before FOR EACH STATEMENT EXECUTE FUNCTION note_dead_letters();--> statement-breakpoint
INSERT INTO dead_letter_tally
SELECT state, fingerprint, cluster_id, destination, coalesce(origin_destination, ''), coalesce(consumer_group, ''),
  floor(date_part('epoch', dead_at) / 3600)::integer, count(*)::integer
FROM dead_letter GROUP BY 1, 2, 3, 4, 5, 6, 7;
