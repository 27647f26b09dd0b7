CREATE TABLE "delivery_deadline" (
	"read_from" text NOT NULL,
	"group_name" text NOT NULL,
	"learnt_ms" double precision,
	"set_ms" double precision,
	"sample_count" integer DEFAULT 0 NOT NULL,
	"learnt_at" timestamp with time zone,
	CONSTRAINT "delivery_deadline_read_from_group_name_pk" PRIMARY KEY("read_from","group_name")
);
--> statement-breakpoint
CREATE TABLE "stuck_delivery" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"cluster_id" text NOT NULL,
	"group_name" text NOT NULL,
	"read_from" text NOT NULL,
	"destination" text NOT NULL,
	"subject" text NOT NULL,
	"system" text NOT NULL,
	"sender_service" text NOT NULL,
	"flow_key" text NOT NULL,
	"trace_id" text NOT NULL,
	"span_id" text NOT NULL,
	"message_hash" text,
	"position_hash" text,
	"lane" text,
	"position" bigint,
	"verdict" text NOT NULL,
	"sentence" text NOT NULL,
	"advice" text,
	"message_count" integer DEFAULT 1 NOT NULL,
	"expected_ms" double precision NOT NULL,
	"sent_at" timestamp with time zone NOT NULL,
	"newest_sent_at" timestamp with time zone NOT NULL,
	"checked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"resolved_at" timestamp with time zone,
	"resolution" text
);
--> statement-breakpoint
CREATE TABLE "stuck_sweep" (
	"expected_ms" bigint PRIMARY KEY NOT NULL,
	"swept_to_us" bigint NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "stuck_delivery_cluster_id_group_name_read_from_subject_index" ON "stuck_delivery" USING btree ("cluster_id","group_name","read_from","subject");--> statement-breakpoint
CREATE INDEX "stuck_delivery_sent_at_id_index" ON "stuck_delivery" USING btree ("sent_at","id") WHERE "stuck_delivery"."resolved_at" is null;--> statement-breakpoint
CREATE INDEX "stuck_delivery_checked_at_index" ON "stuck_delivery" USING btree ("checked_at") WHERE "stuck_delivery"."resolved_at" is null;--> statement-breakpoint
CREATE INDEX "stuck_delivery_resolved_at_index" ON "stuck_delivery" USING btree ("resolved_at");