CREATE TABLE "operation_claim" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"fencing_token" bigint NOT NULL,
	"ordinals" integer[] NOT NULL,
	"claimed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "plan_progress" jsonb;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "yielded_rate" double precision;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "yield_reason" text;--> statement-breakpoint
ALTER TABLE "operation_claim" ADD CONSTRAINT "operation_claim_operation_id_operation_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "operation_claim_operation_id_index" ON "operation_claim" USING btree ("operation_id");