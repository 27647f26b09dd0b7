CREATE TABLE "consumer_action" (
	"id" uuid PRIMARY KEY NOT NULL,
	"request_key" uuid NOT NULL,
	"kind" text NOT NULL,
	"cluster_id" text NOT NULL,
	"subject" text NOT NULL,
	"destination" text,
	"plan" jsonb NOT NULL,
	"plan_hash" text,
	"undo_of" uuid,
	"state" text NOT NULL,
	"outcome" text,
	"before" jsonb,
	"reason" text,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"asked_at" timestamp with time zone,
	"claimed_until" timestamp with time zone,
	"ended_at" timestamp with time zone,
	CONSTRAINT "consumer_action_request_key_unique" UNIQUE("request_key")
);
--> statement-breakpoint
CREATE INDEX "consumer_action_cluster_id_subject_created_at_index" ON "consumer_action" USING btree ("cluster_id","subject","created_at");--> statement-breakpoint
CREATE INDEX "consumer_action_waiting" ON "consumer_action" USING btree ("state","asked_at");--> statement-breakpoint
CREATE INDEX "consumer_action_ended_at_index" ON "consumer_action" USING btree ("ended_at");