CREATE TABLE "audit_entry" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"verb" text NOT NULL,
	"target" text NOT NULL,
	"outcome" text NOT NULL,
	"details" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_attempt" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"subject" text NOT NULL,
	"attempted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"login" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"password_hash" text NOT NULL,
	"password_expired_at" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "person_login_unique" UNIQUE("login")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cluster" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"environment" text DEFAULT 'development' NOT NULL,
	"configuration" jsonb NOT NULL,
	"sealed_secret" "bytea",
	"broker_identity" text,
	"status" text DEFAULT 'unknown' NOT NULL,
	"status_reason" text,
	"status_at" timestamp with time zone,
	"capabilities" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "consumer_group" (
	"cluster_id" text NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"protocol" text,
	"members" jsonb,
	"seen_at" timestamp with time zone NOT NULL,
	"gone_at" timestamp with time zone,
	CONSTRAINT "consumer_group_cluster_id_name_pk" PRIMARY KEY("cluster_id","name")
);
--> statement-breakpoint
CREATE TABLE "destination" (
	"cluster_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"is_internal" boolean DEFAULT false NOT NULL,
	"lanes" jsonb NOT NULL,
	"retention_ms" bigint,
	"settings" jsonb NOT NULL,
	"dead_letter_found_by" text,
	"dead_letter_evidence" text,
	"dead_letter_origin" text,
	"seen_at" timestamp with time zone NOT NULL,
	"gone_at" timestamp with time zone,
	CONSTRAINT "destination_cluster_id_name_pk" PRIMARY KEY("cluster_id","name")
);
--> statement-breakpoint
CREATE TABLE "group_lag" (
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"destination" text NOT NULL,
	"state" text NOT NULL,
	"sentence" text NOT NULL,
	"lag_messages" bigint,
	"lost_messages" bigint NOT NULL,
	"time_behind_ms" double precision,
	"time_behind_error_ms" double precision,
	"drain_per_second" double precision,
	"drains_in_ms" double precision,
	"first_loss_in_ms" double precision,
	"lanes" jsonb NOT NULL,
	"state_since" timestamp with time zone NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	CONSTRAINT "group_lag_cluster_id_group_name_destination_pk" PRIMARY KEY("cluster_id","group_name","destination")
);
--> statement-breakpoint
CREATE TABLE "lag_sample" (
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"destination" text NOT NULL,
	"lane" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"committed" bigint,
	"end_position" bigint NOT NULL,
	"start_position" bigint NOT NULL,
	CONSTRAINT "lag_sample_cluster_id_group_name_destination_lane_at_pk" PRIMARY KEY("cluster_id","group_name","destination","lane","at")
);
--> statement-breakpoint
CREATE TABLE "lease" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"fencing_token" bigint NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "poll_cycle" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"kind" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"duration_ms" double precision NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"item_count" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "dead_letter" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"destination" text NOT NULL,
	"position" text NOT NULL,
	"dead_at" timestamp with time zone NOT NULL,
	"indexed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"dialect" text NOT NULL,
	"origin_destination" text,
	"origin_position" text,
	"consumer_group" text,
	"attempts" integer,
	"exception_class" text,
	"exception_message" text,
	"stack" text,
	"fingerprint" text NOT NULL,
	"fingerprint_title" text NOT NULL,
	"correlation_id" text,
	"trace_id" text,
	"span_id" text,
	"message_key" "bytea",
	"headers" jsonb NOT NULL,
	"payload" "bytea",
	"payload_bytes" integer NOT NULL,
	"is_payload_cut" boolean DEFAULT false NOT NULL,
	"redrive_count" integer DEFAULT 0 NOT NULL,
	"return_of_operation_id" uuid,
	"return_of_item" integer,
	"state" text DEFAULT 'open' NOT NULL,
	"state_at" timestamp with time zone,
	"state_operation_id" uuid
);
--> statement-breakpoint
CREATE TABLE "dead_letter_cursor" (
	"cluster_id" text NOT NULL,
	"destination" text NOT NULL,
	"checkpoint" text NOT NULL,
	"indexed_count" bigint DEFAULT 0 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dead_letter_cursor_cluster_id_destination_pk" PRIMARY KEY("cluster_id","destination")
);
--> statement-breakpoint
CREATE TABLE "collector_request" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" text NOT NULL,
	"cluster_id" text NOT NULL,
	"question" jsonb NOT NULL,
	"asked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp with time zone,
	"answer" jsonb,
	"failure" jsonb
);
--> statement-breakpoint
CREATE TABLE "operation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" serial NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"state_reason" text,
	"state_at" timestamp with time zone DEFAULT now() NOT NULL,
	"intent" text DEFAULT 'run' NOT NULL,
	"cluster_id" text NOT NULL,
	"source" text NOT NULL,
	"request_key" text NOT NULL,
	"created_by_id" text NOT NULL,
	"created_by_name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"reason" text NOT NULL,
	"selection" jsonb NOT NULL,
	"plan" jsonb,
	"manifest_hash" text,
	"item_count" integer DEFAULT 0 NOT NULL,
	"rate_per_second" double precision NOT NULL,
	"canary_size" integer NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"fencing_token" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operation_item" (
	"operation_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"dead_letter_id" bigint,
	"source_position" text NOT NULL,
	"target_destination" text NOT NULL,
	"order_key" text,
	"correlation_id" text,
	"state" text DEFAULT 'pending' NOT NULL,
	"reason" text,
	"send_count" integer DEFAULT 0 NOT NULL,
	"target_position" text,
	"claimed_at" timestamp with time zone,
	"confirmed_at" timestamp with time zone,
	"removed_at" timestamp with time zone,
	"trace_id" text,
	"span_id" text,
	"outcome" text DEFAULT 'unknown' NOT NULL,
	"outcome_at" timestamp with time zone,
	"outcome_evidence" text,
	CONSTRAINT "operation_item_operation_id_ordinal_pk" PRIMARY KEY("operation_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "operation_transition" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"from_state" text NOT NULL,
	"to_state" text NOT NULL,
	"actor_name" text NOT NULL,
	"reason" text
);
--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_person_id_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operation_item" ADD CONSTRAINT "operation_item_operation_id_operation_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operation_transition" ADD CONSTRAINT "operation_transition_operation_id_operation_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entry_target_at_index" ON "audit_entry" USING btree ("target","at");--> statement-breakpoint
CREATE INDEX "audit_entry_at_index" ON "audit_entry" USING btree ("at");--> statement-breakpoint
CREATE INDEX "login_attempt_subject_attempted_at_index" ON "login_attempt" USING btree ("subject","attempted_at");--> statement-breakpoint
CREATE INDEX "session_person_id_index" ON "session" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "lag_sample_at_index" ON "lag_sample" USING btree ("at");--> statement-breakpoint
CREATE INDEX "poll_cycle_cluster_id_kind_started_at_index" ON "poll_cycle" USING btree ("cluster_id","kind","started_at");--> statement-breakpoint
CREATE UNIQUE INDEX "dead_letter_cluster_id_destination_position_index" ON "dead_letter" USING btree ("cluster_id","destination","position");--> statement-breakpoint
CREATE INDEX "dead_letter_state_fingerprint_dead_at_index" ON "dead_letter" USING btree ("state","fingerprint","dead_at");--> statement-breakpoint
CREATE INDEX "dead_letter_cluster_id_destination_state_id_index" ON "dead_letter" USING btree ("cluster_id","destination","state","id");--> statement-breakpoint
CREATE INDEX "dead_letter_correlation_id_index" ON "dead_letter" USING btree ("correlation_id");--> statement-breakpoint
CREATE INDEX "dead_letter_trace_id_index" ON "dead_letter" USING btree ("trace_id");--> statement-breakpoint
CREATE INDEX "dead_letter_return_of_operation_id_return_of_item_index" ON "dead_letter" USING btree ("return_of_operation_id","return_of_item");--> statement-breakpoint
CREATE INDEX "dead_letter_dead_at_index" ON "dead_letter" USING btree ("dead_at");--> statement-breakpoint
CREATE INDEX "collector_request_answered_at_asked_at_index" ON "collector_request" USING btree ("answered_at","asked_at");--> statement-breakpoint
CREATE UNIQUE INDEX "operation_request_key" ON "operation" USING btree ("request_key");--> statement-breakpoint
CREATE UNIQUE INDEX "operation_one_active_per_source" ON "operation" USING btree ("cluster_id","source") WHERE state in ('queued', 'canary', 'running', 'paused');--> statement-breakpoint
CREATE INDEX "operation_created_at_index" ON "operation" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "operation_item_source" ON "operation_item" USING btree ("operation_id","source_position");--> statement-breakpoint
CREATE INDEX "operation_item_operation_id_state_ordinal_index" ON "operation_item" USING btree ("operation_id","state","ordinal");--> statement-breakpoint
CREATE INDEX "operation_item_operation_id_outcome_index" ON "operation_item" USING btree ("operation_id","outcome");--> statement-breakpoint
CREATE INDEX "operation_item_correlation_id_index" ON "operation_item" USING btree ("correlation_id");--> statement-breakpoint
CREATE INDEX "operation_item_dead_letter_id_index" ON "operation_item" USING btree ("dead_letter_id");--> statement-breakpoint
CREATE INDEX "operation_item_trace_id_span_id_index" ON "operation_item" USING btree ("trace_id","span_id");--> statement-breakpoint
CREATE INDEX "operation_transition_operation_id_at_index" ON "operation_transition" USING btree ("operation_id","at");