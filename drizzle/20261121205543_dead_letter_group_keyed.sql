DROP INDEX "dead_letter_group";--> statement-breakpoint
CREATE INDEX "dead_letter_group" ON "dead_letter" USING btree ("state","fingerprint","dead_at","id","cluster_id");