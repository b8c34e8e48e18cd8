-- The ledger, schema 1. Forward only: a later change is a new numbered file. Times are microseconds since 1970 (UTC), for display only: no decision compares them across machines.

-- identity (content-keyed, immutable, INSERT OR IGNORE)
CREATE TABLE home(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT;
CREATE TABLE code_version(code_id TEXT PRIMARY KEY, git_sha TEXT, git_dirty INT NOT NULL DEFAULT 0, diff_hash TEXT, assemblies_json TEXT NOT NULL, created_us INT NOT NULL) STRICT;
CREATE TABLE stage_code(stage TEXT NOT NULL, stage_code_hash TEXT NOT NULL, declared_version TEXT NOT NULL, code_id TEXT NOT NULL REFERENCES code_version, PRIMARY KEY(stage, stage_code_hash, code_id)) STRICT;
CREATE TABLE environment(env_id TEXT PRIMARY KEY, env_class TEXT NOT NULL, os TEXT, arch TEXT, dotnet TEXT, cuda TEXT, driver TEXT, gpu TEXT, torch TEXT, determinism_json TEXT, raw_json TEXT NOT NULL) STRICT;
CREATE TABLE param_set(param_id TEXT PRIMARY KEY, semantic_json TEXT NOT NULL, operational_json TEXT NOT NULL) STRICT;
CREATE TABLE schema_def(schema_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;

-- processes that execute: serve, run, worker; (host, pid, pid_start, boot_id) proves death on the same host
CREATE TABLE worker(worker_id TEXT PRIMARY KEY, role TEXT NOT NULL, host TEXT NOT NULL, pid INT NOT NULL, pid_start INT NOT NULL, boot_id TEXT NOT NULL,
  queues TEXT NOT NULL DEFAULT 'cpu', started_us INT NOT NULL, seen_us INT NOT NULL, ended_us INT) STRICT;

-- runs; 'interrupted': its executor died or stopped, resume continues it
CREATE TABLE run(run_id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, trigger_kind TEXT NOT NULL CHECK(trigger_kind IN('cron','manual','backfill','resume','api','upstream')),
  schedule_key TEXT, nominal_start_us INT, nominal_end_us INT, partition_key TEXT NOT NULL DEFAULT '',
  resume_of TEXT REFERENCES run, root_run TEXT NOT NULL, backfill_id TEXT,
  job_json TEXT NOT NULL, description TEXT NOT NULL DEFAULT '', seed INT NOT NULL, threads INT NOT NULL, code_id TEXT NOT NULL REFERENCES code_version,
  priority INT NOT NULL DEFAULT 0, state TEXT NOT NULL CHECK(state IN('queued','running','interrupted','succeeded','failed','cancelled','partial')),
  worker_id TEXT REFERENCES worker, requested_by TEXT NOT NULL, reason TEXT, error_text TEXT,
  created_us INT NOT NULL, started_us INT, ended_us INT, cancel_requested_us INT) STRICT;
CREATE UNIQUE INDEX run_fire_once ON run(pipeline, schedule_key, nominal_start_us, partition_key) WHERE trigger_kind IN('cron','backfill') AND resume_of IS NULL;
CREATE INDEX run_list ON run(pipeline, created_us DESC);
CREATE INDEX run_newest ON run(created_us DESC, run_id DESC);
CREATE INDEX run_state ON run(state, created_us DESC);

-- DAG nodes; 'epoch' is the fence: it only ever increases, never resets
-- node_id is the stage's name in the job, or 'stage/key' for a partition; 'uses' is the kind of stage; 'ordinal' the declared order
CREATE TABLE node(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE, node_id TEXT NOT NULL, stage TEXT NOT NULL, uses TEXT NOT NULL,
  kind TEXT NOT NULL DEFAULT 'single' CHECK(kind IN('single','partition','gather')), ordinal INT NOT NULL, partition_key TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK(state IN('waiting','ready','running','retry_wait','succeeded','reused','failed','skipped','cancelled')),
  epoch INT NOT NULL DEFAULT 0, committed_epoch INT, memo_key TEXT, key_json TEXT, memo_result TEXT CHECK(memo_result IN('hit','miss')), why_json TEXT,
  plan_json TEXT NOT NULL DEFAULT '{}', param_id TEXT NOT NULL REFERENCES param_set,
  tries INT NOT NULL DEFAULT 0, infra_losses INT NOT NULL DEFAULT 0, max_tries INT NOT NULL DEFAULT 3,
  eligible_us INT NOT NULL DEFAULT 0, timeout_s INT, slot_class TEXT NOT NULL DEFAULT 'cpu', slot_cost INT NOT NULL DEFAULT 1, priority INT NOT NULL DEFAULT 0,
  view_done INT NOT NULL DEFAULT 0, ended_us INT,
  PRIMARY KEY(run_id, node_id), CHECK(committed_epoch IS NULL OR committed_epoch <= epoch)) STRICT;
CREATE INDEX node_ready ON node(state, slot_class, priority DESC, eligible_us) WHERE state IN('ready','retry_wait');
CREATE INDEX node_running ON node(run_id) WHERE state = 'running';
CREATE TABLE node_dep(run_id TEXT NOT NULL, node_id TEXT NOT NULL, upstream_id TEXT NOT NULL, rule TEXT NOT NULL DEFAULT 'all_success', PRIMARY KEY(run_id, node_id, upstream_id),
  FOREIGN KEY(run_id, node_id) REFERENCES node ON DELETE CASCADE, FOREIGN KEY(run_id, upstream_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE INDEX node_dep_up ON node_dep(run_id, upstream_id);

-- attempts; 'superseded': committed once, its bytes were lost later and the node was computed again
CREATE TABLE attempt(attempt_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, node_id TEXT NOT NULL, epoch INT NOT NULL, worker_id TEXT NOT NULL REFERENCES worker,
  host TEXT, pid INT, pid_start INT, boot_id TEXT, env_id TEXT REFERENCES environment,
  state TEXT NOT NULL CHECK(state IN('running','committed','failed','lost','fenced','cancelled','timed_out','superseded')),
  hb_ctr INT NOT NULL DEFAULT 0, progress_num INT, progress_den INT, progress_unit TEXT, progress_msg TEXT, resumed_ckpt INT,
  staging TEXT, started_us INT NOT NULL, seen_us INT, ended_us INT, exit_kind TEXT, error_type TEXT, error_fingerprint TEXT, error_text TEXT,
  UNIQUE(run_id, node_id, epoch), FOREIGN KEY(run_id, node_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE INDEX attempt_running ON attempt(state) WHERE state = 'running';
CREATE TABLE attempt_log(attempt_id TEXT NOT NULL REFERENCES attempt ON DELETE CASCADE, seq INT NOT NULL, ts_us INT NOT NULL, line TEXT NOT NULL, PRIMARY KEY(attempt_id, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE slot(slot_id TEXT PRIMARY KEY, slot_class TEXT NOT NULL, epoch INT NOT NULL DEFAULT 0, attempt_id TEXT REFERENCES attempt) STRICT;

-- what the command line or dashboard asks of the process that holds the home
CREATE TABLE request(request_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK(kind IN('run','resume','cancel')), run_id TEXT, payload TEXT, actor TEXT NOT NULL, reason TEXT,
  created_us INT NOT NULL, taken_us INT, done_us INT, error TEXT) STRICT;
CREATE INDEX request_open ON request(created_us) WHERE done_us IS NULL;

-- content-addressed artifacts; 'missing': found damaged or gone, its file lies in quarantine
CREATE TABLE blob(hash TEXT PRIMARY KEY, size INT NOT NULL, state TEXT NOT NULL CHECK(state IN('live','doomed','deleted','missing')), first_us INT NOT NULL, verified_us INT, doomed_us INT) STRICT;
CREATE TABLE blob_intent(attempt_id TEXT NOT NULL REFERENCES attempt ON DELETE CASCADE, hash TEXT NOT NULL, size INT NOT NULL, PRIMARY KEY(attempt_id, hash)) STRICT;
CREATE INDEX blob_intent_hash ON blob_intent(hash);
CREATE INDEX blob_missing ON blob(state) WHERE state = 'missing';
-- artifact_id = blob_hash = SHA-256 of the manifest's canonical JSON
CREATE TABLE artifact(artifact_id TEXT PRIMARY KEY, kind TEXT NOT NULL, blob_hash TEXT NOT NULL REFERENCES blob, logical_hash TEXT NOT NULL, schema_id TEXT REFERENCES schema_def,
  format INT NOT NULL DEFAULT 1, rows INT, size INT NOT NULL, meta_json TEXT NOT NULL DEFAULT '{}', created_us INT NOT NULL) STRICT;
CREATE INDEX artifact_logical ON artifact(logical_hash);
CREATE TABLE artifact_member(artifact_id TEXT NOT NULL REFERENCES artifact ON DELETE CASCADE, ordinal INT NOT NULL, name TEXT NOT NULL, blob_hash TEXT NOT NULL REFERENCES blob,
  size INT NOT NULL, rows INT, logical_hash TEXT NOT NULL, PRIMARY KEY(artifact_id, ordinal)) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_member_blob ON artifact_member(blob_hash);
CREATE TABLE dataset_version(dataset TEXT NOT NULL, version TEXT NOT NULL REFERENCES artifact(artifact_id), seq INT NOT NULL, run_id TEXT NOT NULL REFERENCES run, attempt_id TEXT NOT NULL REFERENCES attempt, created_us INT NOT NULL, PRIMARY KEY(dataset, seq)) STRICT;
CREATE TABLE edge(attempt_id TEXT NOT NULL REFERENCES attempt, dir TEXT NOT NULL CHECK(dir IN('in','out')), slot TEXT NOT NULL, ordinal INT NOT NULL DEFAULT 0, artifact_id TEXT NOT NULL REFERENCES artifact, subset_json TEXT, PRIMARY KEY(attempt_id, dir, slot, ordinal)) STRICT;
CREATE INDEX edge_rev ON edge(artifact_id, dir, attempt_id);
CREATE TABLE memo(memo_key TEXT PRIMARY KEY, stage TEXT NOT NULL, uses TEXT NOT NULL, kind TEXT NOT NULL, node_id TEXT NOT NULL, stage_code_hash TEXT NOT NULL, param_id TEXT NOT NULL, attempt_id TEXT NOT NULL REFERENCES attempt,
  key_json TEXT NOT NULL, created_us INT NOT NULL, last_hit_us INT, hits INT NOT NULL DEFAULT 0, invalid_us INT, invalid_reason TEXT) STRICT;
CREATE INDEX memo_near ON memo(uses, stage, kind, created_us DESC);
CREATE TABLE node_reuse(run_id TEXT NOT NULL, node_id TEXT NOT NULL, attempt_id TEXT NOT NULL REFERENCES attempt, memo_key TEXT NOT NULL, PRIMARY KEY(run_id, node_id), FOREIGN KEY(run_id, node_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE TABLE column_lineage(stage TEXT NOT NULL, stage_code_hash TEXT NOT NULL, out_slot TEXT NOT NULL, out_col TEXT NOT NULL, in_slot TEXT NOT NULL, in_col TEXT NOT NULL, kind TEXT NOT NULL, subtype TEXT, descr TEXT, PRIMARY KEY(stage, stage_code_hash, out_slot, out_col, in_slot, in_col)) STRICT;
-- kept: the last two and the best; 'metric' decides the best (higher is better)
CREATE TABLE checkpoint(run_id TEXT NOT NULL, node_id TEXT NOT NULL, step INT NOT NULL, epoch INT NOT NULL, memo_key TEXT NOT NULL, artifact_id TEXT NOT NULL REFERENCES artifact, cursor_json TEXT NOT NULL,
  metric REAL, best INT NOT NULL DEFAULT 0, created_us INT NOT NULL, kept INT NOT NULL DEFAULT 1, PRIMARY KEY(run_id, node_id, step), FOREIGN KEY(run_id, node_id) REFERENCES node ON DELETE CASCADE) STRICT;

-- metrics: one value per (series, step); a later epoch replaces an earlier one
CREATE TABLE metric_series(series_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, node_id TEXT NOT NULL, key TEXT NOT NULL, unit TEXT, UNIQUE(run_id, node_id, key), FOREIGN KEY(run_id, node_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE TABLE metric_point(series_id INT NOT NULL REFERENCES metric_series ON DELETE CASCADE, step INT NOT NULL, epoch INT NOT NULL, ts_us INT NOT NULL, value REAL, PRIMARY KEY(series_id, step)) STRICT, WITHOUT ROWID;
-- equal-width bins from low to high; counts_json is an array of integers
CREATE TABLE histogram(series_id INT NOT NULL REFERENCES metric_series ON DELETE CASCADE, step INT NOT NULL, epoch INT NOT NULL, ts_us INT NOT NULL, low REAL NOT NULL, high REAL NOT NULL, counts_json TEXT NOT NULL, PRIMARY KEY(series_id, step)) STRICT, WITHOUT ROWID;
CREATE TABLE check_result(attempt_id TEXT NOT NULL REFERENCES attempt, name TEXT NOT NULL, status TEXT NOT NULL, severity TEXT NOT NULL, expected TEXT, actual TEXT, PRIMARY KEY(attempt_id, name)) STRICT;

-- history, outbox, audit, retention
CREATE TABLE event(seq INTEGER PRIMARY KEY AUTOINCREMENT, ts_us INT NOT NULL, run_id TEXT, node_id TEXT, epoch INT, type TEXT NOT NULL, payload TEXT) STRICT;
CREATE INDEX event_run ON event(run_id, seq);
CREATE TABLE outbox(seq INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, dedupe_key TEXT NOT NULL, payload TEXT NOT NULL, tries INT NOT NULL DEFAULT 0, next_us INT NOT NULL, sent_us INT, UNIQUE(sink, dedupe_key)) STRICT;
CREATE INDEX outbox_open ON outbox(seq) WHERE sent_us IS NULL;
CREATE TABLE audit(seq INTEGER PRIMARY KEY AUTOINCREMENT, ts_us INT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, reason TEXT, before_json TEXT) STRICT;
CREATE TABLE pin(artifact_id TEXT PRIMARY KEY REFERENCES artifact, reason TEXT NOT NULL, actor TEXT NOT NULL, until_us INT) STRICT;
CREATE TABLE tag(entity TEXT NOT NULL, id TEXT NOT NULL, k TEXT NOT NULL, v TEXT NOT NULL, PRIMARY KEY(entity, id, k)) STRICT;
