CREATE TABLE "attribute_index" (
	"number" "smallserial" PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"requested_by_name" text NOT NULL,
	"complete_from_us" bigint,
	"completed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE UNIQUE INDEX "attribute_index_key" ON "attribute_index" USING btree ("key");