-- What all destinations add up to, by ten minutes: rows of rollup are counted here when they leave level 0.
CREATE TABLE rollup_traffic (
  bucket_s bigint PRIMARY KEY,
  sent_count bigint NOT NULL,
  received_count bigint NOT NULL,
  error_count bigint NOT NULL
);
--> statement-breakpoint
INSERT INTO rollup_traffic
SELECT bucket_s / 600 * 600, sum(sent_count), sum(received_count), sum(error_count)
FROM rollup WHERE level > 0 GROUP BY 1;
