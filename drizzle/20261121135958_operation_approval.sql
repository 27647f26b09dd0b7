CREATE TABLE "operation_approval" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"plan_hash" text NOT NULL,
	"by_id" text NOT NULL,
	"by_name" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "operation_approval" ADD CONSTRAINT "operation_approval_operation_id_operation_id_fk" FOREIGN KEY ("operation_id") REFERENCES "public"."operation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "operation_approval_operation_id_by_id_plan_hash_index" ON "operation_approval" USING btree ("operation_id","by_id","plan_hash");