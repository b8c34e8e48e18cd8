-- What pages count, list and search, kept while history is made, so that no page has to read a table through: tallies and spans by triggers, an index for each order shown, a full-text index.

-- Nodes of a run by stage, kind and state; of all runs by queue (slot class) and state; runs by state, and by job and state. Rows may stand at 0.
CREATE TABLE node_tally(run_id TEXT NOT NULL, stage TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY(run_id, stage, kind, state)) STRICT, WITHOUT ROWID;
CREATE TABLE job_tally(queue TEXT NOT NULL, state TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY(state, queue)) STRICT, WITHOUT ROWID;
CREATE TABLE run_tally(state TEXT PRIMARY KEY, n INT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE pipeline_tally(pipeline TEXT NOT NULL, state TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY(pipeline, state)) STRICT, WITHOUT ROWID;
-- Ends of nodes by the hour they ended in: outcome succeeded (reused too), failed, deleted (cancelled or skipped). An end is never taken back: a node that is tried again ends twice, and what is purged has happened.
CREATE TABLE hour_tally(hour_us INT NOT NULL, outcome TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY(hour_us, outcome)) STRICT, WITHOUT ROWID;
-- Attempts of a stage, its partitions' too: how many, how many of them run or failed, first start, last end, and the newest one that left an error.
CREATE TABLE stage_span(run_id TEXT NOT NULL, stage TEXT NOT NULL, attempts INT NOT NULL, running INT NOT NULL, failed INT NOT NULL, began_us INT, ended_us INT, error_attempt TEXT,
  PRIMARY KEY(run_id, stage)) STRICT, WITHOUT ROWID;
-- Files and bytes of the store by state; artifacts, their rows and bytes by kind; fire times by outcome.
CREATE TABLE blob_tally(state TEXT PRIMARY KEY, n INT NOT NULL, bytes INT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE artifact_tally(kind TEXT PRIMARY KEY, n INT NOT NULL, bytes INT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tick_tally(schedule_key TEXT NOT NULL, outcome TEXT NOT NULL, n INT NOT NULL, PRIMARY KEY(schedule_key, outcome)) STRICT, WITHOUT ROWID;

INSERT INTO node_tally SELECT run_id, stage, kind, state, COUNT(*) FROM node GROUP BY 1, 2, 3, 4;
INSERT INTO job_tally SELECT slot_class, state, COUNT(*) FROM node GROUP BY 1, 2;
INSERT INTO run_tally SELECT state, COUNT(*) FROM run GROUP BY 1;
INSERT INTO pipeline_tally SELECT pipeline, state, COUNT(*) FROM run GROUP BY 1, 2;
INSERT INTO hour_tally SELECT ended_us-ended_us%3600000000, CASE state WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'deleted' WHEN 'skipped' THEN 'deleted' ELSE 'succeeded' END, COUNT(*)
  FROM node WHERE ended_us IS NOT NULL AND state IN('succeeded','reused','failed','cancelled','skipped') GROUP BY 1, 2;
INSERT INTO stage_span SELECT t.run_id, substr(t.node_id, 1, instr(t.node_id||'/', '/')-1), COUNT(*), SUM(t.state='running'), SUM(t.state='failed' OR t.state='timed_out'), MIN(t.started_us), MAX(t.ended_us),
  (SELECT e.attempt_id FROM attempt e WHERE e.run_id=t.run_id AND e.error_text IS NOT NULL AND substr(e.node_id, 1, instr(e.node_id||'/', '/')-1)=substr(t.node_id, 1, instr(t.node_id||'/', '/')-1) ORDER BY e.started_us DESC LIMIT 1)
  FROM attempt t GROUP BY 1, 2;
INSERT INTO blob_tally SELECT state, COUNT(*), SUM(size) FROM blob GROUP BY 1;
INSERT INTO artifact_tally SELECT kind, COUNT(*), SUM(size) FROM artifact GROUP BY 1;
INSERT INTO tick_tally SELECT schedule_key, outcome, SUM(count) FROM schedule_tick GROUP BY 1, 2;

CREATE TRIGGER node_tally_insert AFTER INSERT ON node BEGIN
  INSERT INTO node_tally VALUES(NEW.run_id, NEW.stage, NEW.kind, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
  INSERT INTO job_tally VALUES(NEW.slot_class, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER node_tally_state AFTER UPDATE OF state, slot_class ON node WHEN OLD.state<>NEW.state OR OLD.slot_class<>NEW.slot_class BEGIN
  UPDATE node_tally SET n=n-1 WHERE run_id=OLD.run_id AND stage=OLD.stage AND kind=OLD.kind AND state=OLD.state;
  INSERT INTO node_tally VALUES(NEW.run_id, NEW.stage, NEW.kind, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
  UPDATE job_tally SET n=n-1 WHERE queue=OLD.slot_class AND state=OLD.state;
  INSERT INTO job_tally VALUES(NEW.slot_class, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER node_tally_delete AFTER DELETE ON node BEGIN
  UPDATE node_tally SET n=n-1 WHERE run_id=OLD.run_id AND stage=OLD.stage AND kind=OLD.kind AND state=OLD.state;
  UPDATE job_tally SET n=n-1 WHERE queue=OLD.slot_class AND state=OLD.state;
END;
CREATE TRIGGER node_hour_insert AFTER INSERT ON node WHEN NEW.ended_us IS NOT NULL AND (NEW.state='succeeded' OR NEW.state='reused' OR NEW.state='failed' OR NEW.state='cancelled' OR NEW.state='skipped') BEGIN
  INSERT INTO hour_tally VALUES(NEW.ended_us-NEW.ended_us%3600000000, CASE NEW.state WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'deleted' WHEN 'skipped' THEN 'deleted' ELSE 'succeeded' END, 1)
    ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER node_hour_state AFTER UPDATE OF state ON node
  WHEN OLD.state<>NEW.state AND NEW.ended_us IS NOT NULL AND (NEW.state='succeeded' OR NEW.state='reused' OR NEW.state='failed' OR NEW.state='cancelled' OR NEW.state='skipped') BEGIN
  INSERT INTO hour_tally VALUES(NEW.ended_us-NEW.ended_us%3600000000, CASE NEW.state WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'deleted' WHEN 'skipped' THEN 'deleted' ELSE 'succeeded' END, 1)
    ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER run_tally_insert AFTER INSERT ON run BEGIN
  INSERT INTO run_tally VALUES(NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
  INSERT INTO pipeline_tally VALUES(NEW.pipeline, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER run_tally_state AFTER UPDATE OF state ON run WHEN OLD.state<>NEW.state BEGIN
  UPDATE run_tally SET n=n-1 WHERE state=OLD.state;
  INSERT INTO run_tally VALUES(NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
  UPDATE pipeline_tally SET n=n-1 WHERE pipeline=OLD.pipeline AND state=OLD.state;
  INSERT INTO pipeline_tally VALUES(NEW.pipeline, NEW.state, 1) ON CONFLICT DO UPDATE SET n=n+1;
END;
CREATE TRIGGER run_tally_delete AFTER DELETE ON run BEGIN
  UPDATE run_tally SET n=n-1 WHERE state=OLD.state;
  UPDATE pipeline_tally SET n=n-1 WHERE pipeline=OLD.pipeline AND state=OLD.state;
  DELETE FROM node_tally WHERE run_id=OLD.run_id;
  DELETE FROM stage_span WHERE run_id=OLD.run_id;
END;
-- A node's name is its stage, or stage/key: the stage is told without a look at the node.
CREATE TRIGGER stage_span_insert AFTER INSERT ON attempt BEGIN
  INSERT INTO stage_span VALUES(NEW.run_id, substr(NEW.node_id, 1, instr(NEW.node_id||'/', '/')-1), 1, NEW.state='running', NEW.state='failed' OR NEW.state='timed_out', NEW.started_us, NEW.ended_us,
    CASE WHEN NEW.error_text IS NOT NULL THEN NEW.attempt_id END)
    ON CONFLICT DO UPDATE SET attempts=attempts+1, running=running+excluded.running, failed=failed+excluded.failed, began_us=min(COALESCE(began_us, excluded.began_us), excluded.began_us),
      ended_us=max(COALESCE(ended_us, excluded.ended_us), COALESCE(excluded.ended_us, ended_us)), error_attempt=COALESCE(excluded.error_attempt, error_attempt);
END;
CREATE TRIGGER stage_span_state AFTER UPDATE OF state ON attempt WHEN OLD.state<>NEW.state BEGIN
  UPDATE stage_span SET running=running-(OLD.state='running')+(NEW.state='running'),
    failed=failed-(OLD.state='failed' OR OLD.state='timed_out')+(NEW.state='failed' OR NEW.state='timed_out'),
    ended_us=max(COALESCE(ended_us, NEW.ended_us), COALESCE(NEW.ended_us, ended_us)), error_attempt=CASE WHEN NEW.error_text IS NOT NULL THEN NEW.attempt_id ELSE error_attempt END
    WHERE run_id=NEW.run_id AND stage=substr(NEW.node_id, 1, instr(NEW.node_id||'/', '/')-1);
END;
CREATE TRIGGER stage_span_delete AFTER DELETE ON attempt BEGIN
  UPDATE stage_span SET attempts=attempts-1, running=running-(OLD.state='running'), failed=failed-(OLD.state='failed' OR OLD.state='timed_out')
    WHERE run_id=OLD.run_id AND stage=substr(OLD.node_id, 1, instr(OLD.node_id||'/', '/')-1);
END;
CREATE TRIGGER blob_tally_insert AFTER INSERT ON blob BEGIN
  INSERT INTO blob_tally VALUES(NEW.state, 1, NEW.size) ON CONFLICT DO UPDATE SET n=n+1, bytes=bytes+excluded.bytes;
END;
CREATE TRIGGER blob_tally_state AFTER UPDATE OF state, size ON blob WHEN OLD.state<>NEW.state OR OLD.size<>NEW.size BEGIN
  UPDATE blob_tally SET n=n-1, bytes=bytes-OLD.size WHERE state=OLD.state;
  INSERT INTO blob_tally VALUES(NEW.state, 1, NEW.size) ON CONFLICT DO UPDATE SET n=n+1, bytes=bytes+excluded.bytes;
END;
CREATE TRIGGER blob_tally_delete AFTER DELETE ON blob BEGIN
  UPDATE blob_tally SET n=n-1, bytes=bytes-OLD.size WHERE state=OLD.state;
END;
CREATE TRIGGER artifact_tally_insert AFTER INSERT ON artifact BEGIN
  INSERT INTO artifact_tally VALUES(NEW.kind, 1, NEW.size) ON CONFLICT DO UPDATE SET n=n+1, bytes=bytes+excluded.bytes;
END;
CREATE TRIGGER artifact_tally_delete AFTER DELETE ON artifact BEGIN
  UPDATE artifact_tally SET n=n-1, bytes=bytes-OLD.size WHERE kind=OLD.kind;
END;
CREATE TRIGGER tick_tally_insert AFTER INSERT ON schedule_tick BEGIN
  INSERT INTO tick_tally VALUES(NEW.schedule_key, NEW.outcome, NEW.count) ON CONFLICT DO UPDATE SET n=n+excluded.n;
END;
CREATE TRIGGER tick_tally_change AFTER UPDATE OF outcome, count ON schedule_tick BEGIN
  UPDATE tick_tally SET n=n-OLD.count WHERE schedule_key=OLD.schedule_key AND outcome=OLD.outcome;
  INSERT INTO tick_tally VALUES(NEW.schedule_key, NEW.outcome, NEW.count) ON CONFLICT DO UPDATE SET n=n+excluded.n;
END;
CREATE TRIGGER tick_tally_delete AFTER DELETE ON schedule_tick BEGIN
  UPDATE tick_tally SET n=n-OLD.count WHERE schedule_key=OLD.schedule_key AND outcome=OLD.outcome;
END;

-- Lists. Each index is the order of one page; queries go on behind the last row shown. Partial where few rows are ever listed so.
CREATE INDEX node_ended ON node(state, ended_us DESC, run_id, node_id) WHERE ended_us IS NOT NULL;
CREATE INDEX node_waiting ON node(run_id DESC, node_id) WHERE state='waiting';
CREATE INDEX node_part ON node(run_id, stage, state, node_id) WHERE kind='partition';
CREATE INDEX node_stage ON node(run_id, ordinal, node_id) WHERE kind<>'partition';
CREATE INDEX node_uses ON node(uses, run_id DESC) WHERE kind<>'partition';
CREATE INDEX node_param ON node(param_id, run_id DESC) WHERE kind<>'partition';
CREATE INDEX node_reuse_of ON node_reuse(attempt_id);
CREATE INDEX attempt_worker ON attempt(worker_id, started_us DESC, attempt_id);
CREATE INDEX attempt_run ON attempt(run_id, started_us, attempt_id);
CREATE INDEX attempt_run_ended ON attempt(run_id, ended_us DESC, attempt_id DESC) WHERE ended_us IS NOT NULL;
CREATE INDEX attempt_error ON attempt(ended_us DESC, attempt_id) WHERE error_text IS NOT NULL;
CREATE INDEX attempt_alike ON attempt(error_fingerprint, ended_us DESC) WHERE error_fingerprint IS NOT NULL;
CREATE INDEX event_node ON event(run_id, node_id, seq) WHERE node_id IS NOT NULL;
CREATE INDEX run_trigger ON run(trigger_kind, created_us DESC, run_id DESC);
CREATE INDEX run_asked ON run(requested_by, created_us DESC, run_id DESC);
CREATE INDEX run_root ON run(root_run, created_us DESC, run_id DESC);
CREATE INDEX run_waiting ON run(created_us, run_id) WHERE state='queued';
CREATE INDEX worker_newest ON worker(started_us DESC, worker_id);
CREATE INDEX worker_live ON worker(started_us DESC, worker_id) WHERE ended_us IS NULL;
CREATE INDEX audit_target ON audit(target, seq DESC);
CREATE INDEX audit_actor ON audit(actor, seq DESC);
CREATE INDEX audit_action ON audit(action, seq DESC);
CREATE INDEX artifact_newest ON artifact(created_us DESC, artifact_id);
CREATE INDEX artifact_kind ON artifact(kind, created_us DESC, artifact_id);
CREATE INDEX artifact_largest ON artifact(size DESC, artifact_id);
CREATE INDEX blob_doomed ON blob(doomed_us, hash) WHERE state='doomed';
CREATE INDEX dataset_version_of ON dataset_version(version);
CREATE INDEX memo_node ON memo(uses, stage, kind, node_id, created_us DESC);
CREATE INDEX memo_newest ON memo(created_us DESC, memo_key);
CREATE INDEX memo_hit ON memo(last_hit_us DESC, memo_key) WHERE last_hit_us IS NOT NULL;
CREATE INDEX memo_invalid ON memo(invalid_us DESC, memo_key) WHERE invalid_us IS NOT NULL;
CREATE INDEX memo_attempt ON memo(attempt_id);
CREATE INDEX request_newest ON request(created_us DESC, request_id);
CREATE INDEX request_run ON request(run_id, created_us DESC) WHERE run_id IS NOT NULL;
CREATE INDEX schedule_tick_lost ON schedule_tick(schedule_key, tick_id DESC) WHERE outcome='missed' OR outcome='skipped-overlap' OR outcome='paused' OR outcome='error';
CREATE INDEX checkpoint_newest ON checkpoint(created_us DESC);

-- Search. One document for each run, each stage of a job, each error of an attempt, each set of options, each schedule, each act; artifacts are found by kind and id in their own table.
-- 'ref' is the run, job/stage, attempt, param_id, schedule or seq of the audit. Partitions are found by their errors.
CREATE TABLE search_doc(doc_id INTEGER PRIMARY KEY, scope TEXT NOT NULL, ref TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, UNIQUE(scope, ref)) STRICT;
CREATE VIRTUAL TABLE search_text USING fts5(scope, title, body, content='search_doc', content_rowid='doc_id', columnsize=0, tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER search_doc_insert AFTER INSERT ON search_doc BEGIN
  INSERT INTO search_text(rowid, scope, title, body) VALUES(NEW.doc_id, NEW.scope, NEW.title, NEW.body);
END;
CREATE TRIGGER search_doc_change AFTER UPDATE OF title, body ON search_doc WHEN OLD.title<>NEW.title OR OLD.body<>NEW.body BEGIN
  INSERT INTO search_text(search_text, rowid, scope, title, body) VALUES('delete', OLD.doc_id, OLD.scope, OLD.title, OLD.body);
  INSERT INTO search_text(rowid, scope, title, body) VALUES(NEW.doc_id, NEW.scope, NEW.title, NEW.body);
END;
CREATE TRIGGER search_doc_delete AFTER DELETE ON search_doc BEGIN
  INSERT INTO search_text(search_text, rowid, scope, title, body) VALUES('delete', OLD.doc_id, OLD.scope, OLD.title, OLD.body);
END;

CREATE TRIGGER search_run_insert AFTER INSERT ON run BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('run', NEW.run_id, NEW.pipeline, substr(COALESCE(NEW.error_text||char(10), ''), 1, 4000)||NEW.description||char(10)||COALESCE(NEW.reason||char(10), '')||NEW.requested_by||' '||NEW.trigger_kind||char(10)||COALESCE(NEW.schedule_key||char(10), '')||NEW.run_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_run_change AFTER UPDATE OF error_text, reason, description ON run WHEN OLD.error_text IS NOT NEW.error_text OR OLD.reason IS NOT NEW.reason OR OLD.description<>NEW.description BEGIN
  UPDATE search_doc SET body=substr(COALESCE(NEW.error_text||char(10), ''), 1, 4000)||NEW.description||char(10)||COALESCE(NEW.reason||char(10), '')||NEW.requested_by||' '||NEW.trigger_kind||char(10)||COALESCE(NEW.schedule_key||char(10), '')||NEW.run_id WHERE scope='run' AND ref=NEW.run_id;
END;
CREATE TRIGGER search_run_delete AFTER DELETE ON run BEGIN
  DELETE FROM search_doc WHERE scope='run' AND ref=OLD.run_id;
END;
CREATE TRIGGER search_stage_insert AFTER INSERT ON node WHEN NEW.kind<>'partition' BEGIN
  INSERT INTO search_doc(scope, ref, title, body) SELECT 'stage', r.pipeline||'/'||NEW.stage, NEW.stage, NEW.uses||' '||r.pipeline FROM run r WHERE r.run_id=NEW.run_id
    ON CONFLICT(scope, ref) DO UPDATE SET body=excluded.body WHERE body<>excluded.body;
END;
-- An attempt whose process went away says no more than that; the others say what is wrong.
CREATE TRIGGER search_error_insert AFTER INSERT ON attempt WHEN NEW.error_text IS NOT NULL AND NEW.state<>'lost' BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('error', NEW.attempt_id, NEW.node_id||COALESCE(' '||NEW.error_type, ''), substr(NEW.error_text, 1, 4000)) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_error_change AFTER UPDATE OF error_text ON attempt WHEN NEW.error_text IS NOT NULL AND NEW.state<>'lost' AND OLD.error_text IS NOT NEW.error_text BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('error', NEW.attempt_id, NEW.node_id||COALESCE(' '||NEW.error_type, ''), substr(NEW.error_text, 1, 4000))
    ON CONFLICT(scope, ref) DO UPDATE SET title=excluded.title, body=excluded.body;
END;
CREATE TRIGGER search_error_delete AFTER DELETE ON attempt WHEN OLD.error_text IS NOT NULL BEGIN
  DELETE FROM search_doc WHERE scope='error' AND ref=OLD.attempt_id;
END;
CREATE TRIGGER search_parameter_insert AFTER INSERT ON param_set BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('parameter', NEW.param_id, '', NEW.semantic_json||char(10)||NEW.operational_json) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_parameter_delete AFTER DELETE ON param_set BEGIN
  DELETE FROM search_doc WHERE scope='parameter' AND ref=OLD.param_id;
END;
CREATE TRIGGER search_schedule_insert AFTER INSERT ON schedule BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('schedule', NEW.schedule_key, NEW.schedule_key, NEW.file||char(10)||COALESCE(NEW.cron, NEW.dataset, '')||' '||NEW.zone||char(10)||COALESCE(NEW.paused_reason||char(10), '')||COALESCE(NEW.withdrawn_reason||char(10), '')||NEW.sets_json) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER search_schedule_change AFTER UPDATE OF file, cron, dataset, zone, sets_json, paused_reason, withdrawn_reason ON schedule BEGIN
  UPDATE search_doc SET body=NEW.file||char(10)||COALESCE(NEW.cron, NEW.dataset, '')||' '||NEW.zone||char(10)||COALESCE(NEW.paused_reason||char(10), '')||COALESCE(NEW.withdrawn_reason||char(10), '')||NEW.sets_json WHERE scope='schedule' AND ref=NEW.schedule_key;
END;
CREATE TRIGGER search_schedule_delete AFTER DELETE ON schedule BEGIN
  DELETE FROM search_doc WHERE scope='schedule' AND ref=OLD.schedule_key;
END;
CREATE TRIGGER search_audit_insert AFTER INSERT ON audit BEGIN
  INSERT INTO search_doc(scope, ref, title, body) VALUES('audit', NEW.seq, NEW.action||' '||NEW.target, NEW.actor||COALESCE(char(10)||NEW.reason, '')) ON CONFLICT DO NOTHING;
END;

INSERT INTO search_doc(scope, ref, title, body) SELECT 'run', r.run_id, r.pipeline, substr(COALESCE(r.error_text||char(10), ''), 1, 4000)||r.description||char(10)||COALESCE(r.reason||char(10), '')||r.requested_by||' '||r.trigger_kind||char(10)||COALESCE(r.schedule_key||char(10), '')||r.run_id FROM run r ORDER BY r.created_us;
INSERT INTO search_doc(scope, ref, title, body) SELECT 'stage', r.pipeline||'/'||n.stage, n.stage, n.uses||' '||r.pipeline FROM node n JOIN run r USING(run_id) WHERE n.kind<>'partition' GROUP BY r.pipeline, n.stage;
INSERT INTO search_doc(scope, ref, title, body) SELECT 'error', t.attempt_id, t.node_id||COALESCE(' '||t.error_type, ''), substr(t.error_text, 1, 4000) FROM attempt t WHERE t.error_text IS NOT NULL AND t.state<>'lost' ORDER BY t.ended_us;
INSERT INTO search_doc(scope, ref, title, body) SELECT 'parameter', p.param_id, '', p.semantic_json||char(10)||p.operational_json FROM param_set p;
INSERT INTO search_doc(scope, ref, title, body) SELECT 'schedule', s.schedule_key, s.schedule_key, s.file||char(10)||COALESCE(s.cron, s.dataset, '')||' '||s.zone||char(10)||COALESCE(s.paused_reason||char(10), '')||COALESCE(s.withdrawn_reason||char(10), '')||s.sets_json FROM schedule s;
INSERT INTO search_doc(scope, ref, title, body) SELECT 'audit', a.seq, a.action||' '||a.target, a.actor||COALESCE(char(10)||a.reason, '') FROM audit a ORDER BY a.seq;

-- A search or the filter of a list under a name: 'scope' is the page it belongs to (search, runs, jobs/failed, ...), 'query' what stands behind the question mark of its address.
CREATE TABLE saved_filter(name TEXT PRIMARY KEY, scope TEXT NOT NULL, query TEXT NOT NULL, owner TEXT NOT NULL, created_us INT NOT NULL) STRICT;
