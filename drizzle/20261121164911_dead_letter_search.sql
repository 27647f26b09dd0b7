CREATE TABLE "dead_letter_witness" (
	"dead_letter_id" bigint PRIMARY KEY NOT NULL,
	"fingerprint" text NOT NULL,
	"dead_at" timestamp with time zone NOT NULL,
	"lacks_reason" boolean NOT NULL,
	"due_at" timestamp with time zone,
	"try_count" integer DEFAULT 0 NOT NULL,
	"found_by" text,
	"trace_id" text,
	"span_id" text,
	"service" text,
	"service_version" text,
	"is_reason_taken" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
ALTER TABLE "message_archive" ALTER COLUMN "operation_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "message_archive" ALTER COLUMN "ordinal" DROP NOT NULL;--> statement-breakpoint
CREATE INDEX "dead_letter_witness_lacks_reason_due_at_index" ON "dead_letter_witness" USING btree ("lacks_reason","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "dead_letter_witness_version" ON "dead_letter_witness" USING btree ("fingerprint","service","service_version","dead_at");--> statement-breakpoint
CREATE INDEX "dead_letter_state_destination_dead_at_id_index" ON "dead_letter" USING btree ("state","destination","dead_at","id");--> statement-breakpoint
CREATE INDEX "dead_letter_state_origin_destination_dead_at_id_index" ON "dead_letter" USING btree ("state","origin_destination","dead_at","id");--> statement-breakpoint
CREATE INDEX "dead_letter_key" ON "dead_letter" USING btree (substring("message_key" from 1 for 64),"state","dead_at","id") WHERE "message_key" IS NOT NULL;
