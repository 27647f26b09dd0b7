DROP INDEX "dead_letter_state_fingerprint_dead_at_index";--> statement-breakpoint
CREATE INDEX "dead_letter_state_dead_at_id_index" ON "dead_letter" USING btree ("state","dead_at","id");--> statement-breakpoint
CREATE INDEX "dead_letter_group" ON "dead_letter" USING btree ("state","fingerprint","dead_at") INCLUDE ("cluster_id","destination","expires_at");--> statement-breakpoint
CREATE INDEX "dead_letter_open_expiry" ON "dead_letter" USING btree ("expires_at") WHERE "state" = 'open' AND "expires_at" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "operation_fingerprint" ON "operation" USING btree (("selection" ->> 'fingerprint'),"created_at");--> statement-breakpoint
CREATE INDEX "operation_number" ON "operation" USING btree ("number");
