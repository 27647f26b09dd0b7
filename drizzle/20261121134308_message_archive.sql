CREATE TABLE "message_archive" (
	"dead_letter_id" bigint PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"message_key" "bytea",
	"headers" jsonb NOT NULL,
	"payload" "bytea",
	"timestamp_ms" bigint,
	"is_only_copy" boolean NOT NULL,
	"archived_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "message_archive" ADD CONSTRAINT "message_archive_dead_letter_id_dead_letter_id_fk" FOREIGN KEY ("dead_letter_id") REFERENCES "public"."dead_letter"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "message_archive_operation_id_ordinal_index" ON "message_archive" USING btree ("operation_id","ordinal");--> statement-breakpoint
CREATE INDEX "message_archive_expires_at_index" ON "message_archive" USING btree ("expires_at");