ALTER TABLE "operation" ADD COLUMN "intent_reason" text;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "intent_by_name" text;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "target" text;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "canary_settled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "judged_from" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "paced_until" timestamp with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "operation_number_index" ON "operation" USING btree ("number");