CREATE TABLE "consumer_event" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"destination" text,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"state" text,
	"sentence" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "time_behind_method" text;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "drain_outlook" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "drains_low_ms" double precision;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "drains_high_ms" double precision;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "loss_cause" text;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "loss_if_stopped_in_ms" double precision;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "is_expected" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "is_approximate" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "group_lag" ADD COLUMN "proof" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "consumer_event_cluster_id_group_name_at_index" ON "consumer_event" USING btree ("cluster_id","group_name","at");--> statement-breakpoint
CREATE INDEX "consumer_event_at_index" ON "consumer_event" USING btree ("at");