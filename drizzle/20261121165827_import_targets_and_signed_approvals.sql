CREATE TABLE "import_file" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"sha256" text DEFAULT '' NOT NULL,
	"byte_count" bigint DEFAULT 0 NOT NULL,
	"message_count" integer DEFAULT 0 NOT NULL,
	"uploaded_by_id" text NOT NULL,
	"uploaded_by_name" text NOT NULL,
	"uploaded_at" timestamp with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "import_message" (
	"import_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"line" integer NOT NULL,
	"message_key" "bytea",
	"headers" jsonb NOT NULL,
	"payload" "bytea",
	"payload_bytes" integer NOT NULL,
	"origin_destination" text,
	"correlation_id" text,
	CONSTRAINT "import_message_import_id_ordinal_pk" PRIMARY KEY("import_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "setting" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"changed_by_name" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "target_kind" text DEFAULT 'origin' NOT NULL;--> statement-breakpoint
ALTER TABLE "operation" ADD COLUMN "import_id" uuid;--> statement-breakpoint
ALTER TABLE "operation_approval" ADD COLUMN "signature" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "operation_approval" ADD COLUMN "aged_ms" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "import_message" ADD CONSTRAINT "import_message_import_id_import_file_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."import_file"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "import_file_sha256_index" ON "import_file" USING btree ("sha256");--> statement-breakpoint
CREATE INDEX "import_file_expires_at_index" ON "import_file" USING btree ("expires_at");
--> statement-breakpoint
UPDATE "operation" SET "target_kind" = 'destination' WHERE "target" IS NOT NULL;
