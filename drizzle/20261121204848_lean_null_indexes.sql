DROP INDEX "dead_letter_correlation_id_index";--> statement-breakpoint
DROP INDEX "dead_letter_trace_id_index";--> statement-breakpoint
DROP INDEX "operation_item_correlation_id_index";--> statement-breakpoint
CREATE INDEX "dead_letter_correlation_id_index" ON "dead_letter" USING btree ("correlation_id") WHERE correlation_id is not null;--> statement-breakpoint
CREATE INDEX "dead_letter_trace_id_index" ON "dead_letter" USING btree ("trace_id") WHERE trace_id is not null;--> statement-breakpoint
CREATE INDEX "operation_item_correlation_id_index" ON "operation_item" USING btree ("correlation_id") WHERE correlation_id is not null;