DROP INDEX "operation_item_operation_id_state_ordinal_index";--> statement-breakpoint
ALTER TABLE "operation_item" SET (fillfactor = 60);
