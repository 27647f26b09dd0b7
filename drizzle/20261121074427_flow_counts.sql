-- hop_count counts spans that processed a message, receive_count those that only fetched one: some clients make both for
-- one delivery, some only the second.
ALTER TABLE flow ADD COLUMN sent_count integer NOT NULL DEFAULT 0, ADD COLUMN receive_count integer NOT NULL DEFAULT 0;
