-- Told to the outside: the event table is the outbox. A sink keeps how far it has told it, so nothing is added to the transactions that make history.
DROP TABLE outbox;

-- one row per sink ever configured; 'target' never holds a secret; events up to start_seq were there before the sink; 'tries' and 'next_us' are of the message after cursor_seq
CREATE TABLE sink(name TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, start_seq INT NOT NULL, cursor_seq INT NOT NULL,
  tries INT NOT NULL DEFAULT 0, next_us INT, last_error TEXT, sent_count INT NOT NULL DEFAULT 0, skip_count INT NOT NULL DEFAULT 0,
  created_us INT NOT NULL, sent_us INT, failed_us INT, retired_us INT) STRICT;
-- a message its receiver refused for what it is, and that was passed over so that later ones could go
CREATE TABLE sink_skip(sink TEXT NOT NULL REFERENCES sink, seq INT NOT NULL, dedupe_key TEXT NOT NULL, ts_us INT NOT NULL, tries INT NOT NULL, error TEXT NOT NULL, PRIMARY KEY(sink, seq, dedupe_key)) STRICT;
-- beginnings and ends of runs: which of them an event belongs to is asked for each event told
CREATE INDEX event_life ON event(run_id, seq) WHERE type IN('run.queued','run.resumed','run.ended');
