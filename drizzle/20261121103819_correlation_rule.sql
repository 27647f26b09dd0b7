CREATE TABLE "correlation_rule" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"system" text DEFAULT '' NOT NULL,
	"destination" text NOT NULL,
	"names" text[] DEFAULT '{}'::text[] NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by_name" text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX "correlation_rule_subject" ON "correlation_rule" USING btree ("system","destination");