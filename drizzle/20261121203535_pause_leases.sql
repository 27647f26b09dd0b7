CREATE TABLE "pause_lease" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"asked_by_name" text NOT NULL,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"before" jsonb,
	"held_at" timestamp with time zone,
	"problem" text,
	"release_asked_at" timestamp with time zone,
	"released_by_name" text,
	"release_reason" text,
	"ended_at" timestamp with time zone,
	"position_moved_at" timestamp with time zone,
	"position_read_at" timestamp with time zone,
	"standing" text DEFAULT 'asked' NOT NULL,
	"sentence" text NOT NULL,
	"is_alert" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pause_member" (
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"member_id" text NOT NULL,
	"client_name" text NOT NULL,
	"address" text NOT NULL,
	"state" text NOT NULL,
	"lease_id" uuid,
	"in_flight" integer,
	"problem" text,
	"state_since" timestamp with time zone DEFAULT now() NOT NULL,
	"reported_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pause_member_cluster_id_group_name_member_id_pk" PRIMARY KEY("cluster_id","group_name","member_id")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "pause_lease_open" ON "pause_lease" USING btree ("cluster_id","group_name") WHERE "pause_lease"."ended_at" is null;--> statement-breakpoint
CREATE INDEX "pause_lease_cluster_id_group_name_asked_at_index" ON "pause_lease" USING btree ("cluster_id","group_name","asked_at");--> statement-breakpoint
CREATE INDEX "pause_lease_standing_index" ON "pause_lease" USING btree ("standing") WHERE "pause_lease"."standing" <> 'ended';--> statement-breakpoint
CREATE INDEX "pause_member_reported_at_index" ON "pause_member" USING btree ("reported_at");