-- Dispatch over all runs of a home. A node is 'ready' only while its run is queued or running.
-- rank_us: the run's creation time minus priority times the ageing time: one ascending order in which a higher priority goes first and waiting raises it. waits: upstreams not done yet.
-- tries_from: tries of epochs up to this one no longer count (resume starts the count anew). forced: computed even where its key has results.
ALTER TABLE node ADD COLUMN rank_us INT NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN waits INT NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN tries_from INT NOT NULL DEFAULT 0;
ALTER TABLE node ADD COLUMN forced INT NOT NULL DEFAULT 0;
ALTER TABLE attempt ADD COLUMN error_class TEXT CHECK(error_class IN('transient','resource','data','code'));
UPDATE node SET rank_us=(SELECT created_us FROM run r WHERE r.run_id=node.run_id),
  waits=(SELECT COUNT(*) FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id WHERE d.run_id=node.run_id AND d.node_id=node.node_id AND u.state NOT IN('succeeded','reused'));
DROP INDEX node_ready;
CREATE INDEX node_ready ON node(slot_class, rank_us, ordinal, node_id) WHERE state = 'ready';
CREATE INDEX node_retry ON node(eligible_us) WHERE state = 'retry_wait';
CREATE INDEX node_open ON node(run_id) WHERE state IN('waiting','ready','running','retry_wait');
CREATE INDEX run_cancel ON run(run_id) WHERE cancel_requested_us IS NOT NULL AND state IN('queued','running','interrupted');
CREATE INDEX slot_free ON slot(slot_class, slot_id) WHERE attempt_id IS NULL;

-- payload: the job, or for 'restart' the run to start from and the stage; priority where asked for
DROP INDEX request_open;
ALTER TABLE request RENAME TO request_1;
CREATE TABLE request(request_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK(kind IN('run','resume','cancel','restart')), run_id TEXT, payload TEXT, priority INT, resume_of TEXT, actor TEXT NOT NULL, reason TEXT,
  created_us INT NOT NULL, taken_us INT, done_us INT, error TEXT) STRICT;
INSERT INTO request(request_id, kind, run_id, payload, actor, reason, created_us, taken_us, done_us, error) SELECT request_id, kind, run_id, payload, actor, reason, created_us, taken_us, done_us, error FROM request_1;
DROP TABLE request_1;
CREATE INDEX request_open ON request(created_us) WHERE done_us IS NULL;
