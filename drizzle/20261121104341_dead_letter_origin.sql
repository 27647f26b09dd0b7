-- A flow finds its dead letters by where its messages were taken from.
CREATE INDEX dead_letter_origin ON dead_letter (origin_destination, origin_position) WHERE origin_position IS NOT NULL;
