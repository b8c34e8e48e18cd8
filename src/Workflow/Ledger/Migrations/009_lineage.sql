-- What pages of data, cache and storage show, kept while history is made.

-- A data set is an output slot of a job's stage (name 'job/stage.slot', partitions left out), or what a job names under 'datasets' (declared). It has a new version whenever a run commits or reuses other content than before.
CREATE TABLE data_set(name TEXT PRIMARY KEY, kind TEXT NOT NULL, declared INT NOT NULL, versions INT NOT NULL, artifact_id TEXT NOT NULL, run_id TEXT NOT NULL, attempt_id TEXT NOT NULL, changed_us INT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE data_version(name TEXT NOT NULL, seq INT NOT NULL, artifact_id TEXT NOT NULL, run_id TEXT NOT NULL, attempt_id TEXT NOT NULL, created_us INT NOT NULL, PRIMARY KEY(name, seq)) STRICT, WITHOUT ROWID;
-- Artifacts and bytes that a run's own attempts published, partitions too; what several runs made alike counts in each.
CREATE TABLE run_output(run_id TEXT PRIMARY KEY, artifacts INT NOT NULL, bytes INT NOT NULL) STRICT, WITHOUT ROWID;
-- Looks into the cache by day (UTC) and stage: nodes that took a result, nodes that were computed first, and what the results taken had once cost. Purged runs stay counted.
CREATE TABLE memo_tally(day_us INT NOT NULL, uses TEXT NOT NULL, stage TEXT NOT NULL, hits INT NOT NULL, misses INT NOT NULL, saved_us INT NOT NULL, PRIMARY KEY(day_us, uses, stage)) STRICT, WITHOUT ROWID;
-- Files that came to the store, by day (UTC).
CREATE TABLE blob_day(day_us INT PRIMARY KEY, n INT NOT NULL, bytes INT NOT NULL) STRICT;
-- Garbage collections that people asked for. keep_s: runs younger than this keep all; grace_s: how long marked files stay; report_json: what it did.
CREATE TABLE gc_act(gc_id TEXT PRIMARY KEY, actor TEXT NOT NULL, reason TEXT NOT NULL, keep_s INT NOT NULL, grace_s INT NOT NULL, asked_us INT NOT NULL, started_us INT, ended_us INT, report_json TEXT, error TEXT) STRICT;
CREATE INDEX gc_open ON gc_act(asked_us) WHERE ended_us IS NULL;
CREATE INDEX gc_newest ON gc_act(asked_us DESC, gc_id DESC);
ALTER TABLE pin ADD COLUMN pinned_us INT;

INSERT INTO data_version
  SELECT name, ROW_NUMBER() OVER (PARTITION BY name ORDER BY at, run_id), artifact_id, run_id, attempt_id, at FROM (
    SELECT name, artifact_id, run_id, attempt_id, at, LAG(artifact_id) OVER (PARTITION BY name ORDER BY at, run_id) AS before FROM (
      SELECT r.pipeline||'/'||n.node_id||'.'||e.slot AS name, e.artifact_id, n.run_id, e.attempt_id, COALESCE(n.ended_us, r.created_us) AS at FROM node n JOIN run r ON r.run_id=n.run_id
        LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
        LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
        JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' WHERE n.kind<>'partition'))
  WHERE before IS NULL OR before<>artifact_id;
INSERT INTO data_version SELECT dataset, seq, version, run_id, attempt_id, created_us FROM dataset_version WHERE true ON CONFLICT DO NOTHING;
INSERT INTO data_set SELECT v.name, a.kind, EXISTS(SELECT 1 FROM dataset_version d WHERE d.dataset=v.name), v.seq, v.artifact_id, v.run_id, v.attempt_id, v.created_us
  FROM (SELECT name, MAX(seq) AS seq FROM data_version GROUP BY name) m JOIN data_version v ON v.name=m.name AND v.seq=m.seq JOIN artifact a ON a.artifact_id=v.artifact_id;
INSERT INTO run_output SELECT t.run_id, COUNT(*), SUM(a.size) FROM edge e JOIN attempt t ON t.attempt_id=e.attempt_id JOIN artifact a ON a.artifact_id=e.artifact_id WHERE e.dir='out' GROUP BY t.run_id;
INSERT INTO memo_tally SELECT day_us, uses, stage, SUM(hits), SUM(misses), SUM(saved_us) FROM (
  SELECT t.started_us-t.started_us%86400000000 AS day_us, n.uses, n.stage, 0 AS hits, 1 AS misses, 0 AS saved_us FROM attempt t JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id WHERE t.epoch=1
  UNION ALL SELECT COALESCE(n.ended_us, t.started_us)-COALESCE(n.ended_us, t.started_us)%86400000000, n.uses, n.stage, 1, 0, max(0, COALESCE(t.ended_us-t.started_us, 0))
    FROM node_reuse u JOIN node n ON n.run_id=u.run_id AND n.node_id=u.node_id JOIN attempt t ON t.attempt_id=u.attempt_id) GROUP BY 1, 2, 3;
INSERT INTO blob_day SELECT first_us-first_us%86400000000, COUNT(*), SUM(size) FROM blob GROUP BY 1;

CREATE INDEX data_set_newest ON data_set(changed_us DESC, name);
CREATE INDEX data_set_kind ON data_set(kind, changed_us DESC, name);
CREATE INDEX data_version_of ON data_version(artifact_id, name);
CREATE INDEX run_output_largest ON run_output(bytes DESC, run_id);
CREATE INDEX memo_hits ON memo(hits DESC, memo_key) WHERE hits>0;

CREATE TRIGGER data_set_first AFTER INSERT ON data_set BEGIN
  INSERT INTO data_version VALUES(NEW.name, NEW.versions, NEW.artifact_id, NEW.run_id, NEW.attempt_id, NEW.changed_us) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER data_set_next AFTER UPDATE OF versions ON data_set WHEN OLD.versions<>NEW.versions BEGIN
  INSERT INTO data_version VALUES(NEW.name, NEW.versions, NEW.artifact_id, NEW.run_id, NEW.attempt_id, NEW.changed_us) ON CONFLICT DO NOTHING;
END;
-- A node has its end by the time its edges are written. A node's name is its stage, or stage/key for a partition.
CREATE TRIGGER data_edge AFTER INSERT ON edge WHEN NEW.dir='out' BEGIN
  INSERT INTO run_output SELECT t.run_id, 1, a.size FROM attempt t JOIN artifact a ON a.artifact_id=NEW.artifact_id WHERE t.attempt_id=NEW.attempt_id
    ON CONFLICT DO UPDATE SET artifacts=artifacts+1, bytes=bytes+excluded.bytes;
  INSERT INTO data_set SELECT r.pipeline||'/'||t.node_id||'.'||NEW.slot, a.kind, 0, 1, NEW.artifact_id, t.run_id, NEW.attempt_id, COALESCE(n.ended_us, t.started_us)
    FROM attempt t JOIN run r ON r.run_id=t.run_id JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id JOIN artifact a ON a.artifact_id=NEW.artifact_id WHERE t.attempt_id=NEW.attempt_id AND instr(t.node_id, '/')=0
    ON CONFLICT(name) DO UPDATE SET versions=versions+1, kind=excluded.kind, artifact_id=excluded.artifact_id, run_id=excluded.run_id, attempt_id=excluded.attempt_id, changed_us=excluded.changed_us
    WHERE data_set.artifact_id<>excluded.artifact_id;
END;
CREATE TRIGGER data_reuse AFTER INSERT ON node_reuse BEGIN
  INSERT INTO data_set SELECT r.pipeline||'/'||n.node_id||'.'||e.slot, a.kind, 0, 1, e.artifact_id, n.run_id, NEW.attempt_id, COALESCE(n.ended_us, r.created_us)
    FROM node n JOIN run r ON r.run_id=n.run_id JOIN edge e ON e.attempt_id=NEW.attempt_id AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
    WHERE n.run_id=NEW.run_id AND n.node_id=NEW.node_id AND instr(n.node_id, '/')=0
    ON CONFLICT(name) DO UPDATE SET versions=versions+1, kind=excluded.kind, artifact_id=excluded.artifact_id, run_id=excluded.run_id, attempt_id=excluded.attempt_id, changed_us=excluded.changed_us
    WHERE data_set.artifact_id<>excluded.artifact_id;
  INSERT INTO memo_tally SELECT COALESCE(n.ended_us, t.started_us)-COALESCE(n.ended_us, t.started_us)%86400000000, n.uses, n.stage, 1, 0, max(0, COALESCE(t.ended_us-t.started_us, 0))
    FROM node n JOIN attempt t ON t.attempt_id=NEW.attempt_id WHERE n.run_id=NEW.run_id AND n.node_id=NEW.node_id
    ON CONFLICT DO UPDATE SET hits=hits+1, saved_us=saved_us+excluded.saved_us;
END;
CREATE TRIGGER data_declared AFTER INSERT ON dataset_version BEGIN
  INSERT INTO data_set SELECT NEW.dataset, a.kind, 1, NEW.seq, NEW.version, NEW.run_id, NEW.attempt_id, NEW.created_us FROM artifact a WHERE a.artifact_id=NEW.version
    ON CONFLICT(name) DO UPDATE SET declared=1, versions=excluded.versions, kind=excluded.kind, artifact_id=excluded.artifact_id, run_id=excluded.run_id, attempt_id=excluded.attempt_id, changed_us=excluded.changed_us;
END;
-- The first claim of a node is a look that found nothing; its later ones are tries.
CREATE TRIGGER memo_missed AFTER INSERT ON attempt WHEN NEW.epoch=1 BEGIN
  INSERT INTO memo_tally SELECT NEW.started_us-NEW.started_us%86400000000, n.uses, n.stage, 0, 1, 0 FROM node n WHERE n.run_id=NEW.run_id AND n.node_id=NEW.node_id
    ON CONFLICT DO UPDATE SET misses=misses+1;
END;
CREATE TRIGGER blob_day_insert AFTER INSERT ON blob BEGIN
  INSERT INTO blob_day VALUES(NEW.first_us-NEW.first_us%86400000000, 1, NEW.size) ON CONFLICT DO UPDATE SET n=n+1, bytes=bytes+excluded.bytes;
END;
CREATE TRIGGER run_output_delete AFTER DELETE ON run BEGIN
  DELETE FROM run_output WHERE run_id=OLD.run_id;
END;

CREATE INDEX checkpoint_artifact ON checkpoint(artifact_id);
CREATE INDEX checkpoint_kept ON checkpoint(created_us DESC, artifact_id) WHERE kept=1;
