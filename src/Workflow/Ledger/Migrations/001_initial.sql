-- identity (content-keyed, immutable, INSERT OR IGNORE)
CREATE TABLE code_version(code_id TEXT PRIMARY KEY, git_sha TEXT, git_dirty INT NOT NULL DEFAULT 0, diff_hash TEXT, assemblies_json TEXT NOT NULL, created_us INT NOT NULL) STRICT;
CREATE TABLE stage_code(stage TEXT NOT NULL, stage_code_hash TEXT NOT NULL, declared_version TEXT NOT NULL, code_id TEXT NOT NULL REFERENCES code_version, PRIMARY KEY(stage,stage_code_hash,code_id)) STRICT;
CREATE TABLE environment(env_id TEXT PRIMARY KEY, env_class TEXT NOT NULL, os TEXT, arch TEXT, dotnet TEXT, cuda TEXT, driver TEXT, gpu TEXT, torch TEXT, determinism_json TEXT, raw_json TEXT NOT NULL) STRICT;
CREATE TABLE param_set(param_id TEXT PRIMARY KEY, semantic_json TEXT NOT NULL, operational_json TEXT NOT NULL) STRICT;
CREATE TABLE schema_def(schema_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;
-- runs
CREATE TABLE run(run_id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, trigger_kind TEXT NOT NULL CHECK(trigger_kind IN('cron','manual','backfill','resume','api','upstream')),
  schedule_key TEXT, nominal_start_us INT, nominal_end_us INT, partition_key TEXT NOT NULL DEFAULT '',
  resume_of TEXT REFERENCES run, root_run TEXT NOT NULL, backfill_id TEXT,
  param_id TEXT NOT NULL REFERENCES param_set, code_id TEXT NOT NULL REFERENCES code_version,
  priority INT NOT NULL DEFAULT 0, state TEXT NOT NULL CHECK(state IN('queued','running','succeeded','failed','cancelled','partial')),
  requested_by TEXT NOT NULL, reason TEXT, created_us INT NOT NULL, started_us INT, ended_us INT, cancel_requested_us INT) STRICT;
CREATE UNIQUE INDEX run_fire_once ON run(pipeline,schedule_key,nominal_start_us,partition_key) WHERE trigger_kind IN('cron','backfill') AND resume_of IS NULL;
CREATE INDEX run_list ON run(pipeline,created_us DESC);
-- DAG nodes; 'epoch' is the fence: only ever increases, never reset
CREATE TABLE node(run_id TEXT NOT NULL REFERENCES run ON DELETE CASCADE, node_id TEXT NOT NULL, stage TEXT NOT NULL, partition_key TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL CHECK(state IN('waiting','ready','running','retry_wait','succeeded','reused','failed','skipped','cancelled')),
  epoch INT NOT NULL DEFAULT 0, committed_epoch INT, memo_key TEXT, tries INT NOT NULL DEFAULT 0, infra_losses INT NOT NULL DEFAULT 0, max_tries INT NOT NULL DEFAULT 3,
  eligible_us INT NOT NULL DEFAULT 0, timeout_s INT, slot_class TEXT NOT NULL DEFAULT 'cpu', slot_cost INT NOT NULL DEFAULT 1, priority INT NOT NULL DEFAULT 0,
  PRIMARY KEY(run_id,node_id), CHECK(committed_epoch IS NULL OR committed_epoch<=epoch)) STRICT;
CREATE INDEX node_ready ON node(state,slot_class,priority DESC,eligible_us) WHERE state IN('ready','retry_wait');
CREATE TABLE node_dep(run_id TEXT NOT NULL, node_id TEXT NOT NULL, upstream_id TEXT NOT NULL, rule TEXT NOT NULL DEFAULT 'all_success', PRIMARY KEY(run_id,node_id,upstream_id), FOREIGN KEY(run_id,node_id) REFERENCES node ON DELETE CASCADE, FOREIGN KEY(run_id,upstream_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE TABLE attempt(attempt_id TEXT PRIMARY KEY, run_id TEXT NOT NULL, node_id TEXT NOT NULL, epoch INT NOT NULL, worker_id TEXT NOT NULL, host TEXT, pid INT, pid_start INT, boot_id TEXT,
  env_id TEXT REFERENCES environment, state TEXT NOT NULL CHECK(state IN('running','committed','failed','lost','fenced','cancelled','timed_out')),
  hb_ctr INT NOT NULL DEFAULT 0, progress_num INT, progress_den INT, progress_msg TEXT, resumed_ckpt TEXT,
  started_us INT NOT NULL, ended_us INT, exit_kind TEXT, error_type TEXT, error_fingerprint TEXT, error_text TEXT,
  UNIQUE(run_id,node_id,epoch), FOREIGN KEY(run_id,node_id) REFERENCES node ON DELETE CASCADE) STRICT;
CREATE TABLE slot(slot_id TEXT PRIMARY KEY, slot_class TEXT NOT NULL, epoch INT NOT NULL DEFAULT 0, attempt_id TEXT REFERENCES attempt) STRICT; -- GPU slots, same fence rule
-- content-addressed artifacts
CREATE TABLE blob(hash TEXT PRIMARY KEY, size INT NOT NULL, state TEXT NOT NULL CHECK(state IN('live','doomed','deleted')), first_us INT NOT NULL, verified_us INT) STRICT;
CREATE TABLE blob_intent(attempt_id TEXT NOT NULL REFERENCES attempt ON DELETE CASCADE, hash TEXT NOT NULL, size INT NOT NULL, PRIMARY KEY(attempt_id,hash)) STRICT;
CREATE TABLE artifact(artifact_id TEXT PRIMARY KEY, kind TEXT NOT NULL, blob_hash TEXT NOT NULL REFERENCES blob, logical_hash TEXT, schema_id TEXT REFERENCES schema_def, rows INT, size INT NOT NULL, meta_json TEXT) STRICT; -- artifact_id=H(kind|blob|schema)
CREATE TABLE artifact_member(parent_id TEXT NOT NULL REFERENCES artifact, ordinal INT NOT NULL, child_id TEXT NOT NULL REFERENCES artifact, PRIMARY KEY(parent_id,ordinal)) STRICT; -- dataset manifest -> shards
CREATE TABLE dataset_version(dataset TEXT NOT NULL, version TEXT NOT NULL REFERENCES artifact(artifact_id), seq INT NOT NULL, run_id TEXT NOT NULL REFERENCES run, attempt_id TEXT NOT NULL REFERENCES attempt, created_us INT NOT NULL, PRIMARY KEY(dataset,seq)) STRICT;
CREATE TABLE edge(attempt_id TEXT NOT NULL REFERENCES attempt, dir TEXT NOT NULL CHECK(dir IN('in','out')), slot TEXT NOT NULL, ordinal INT NOT NULL DEFAULT 0, artifact_id TEXT NOT NULL REFERENCES artifact, subset_json TEXT, PRIMARY KEY(attempt_id,dir,slot,ordinal)) STRICT;
CREATE INDEX edge_rev ON edge(artifact_id,dir,attempt_id);
CREATE TABLE memo(memo_key TEXT PRIMARY KEY, stage TEXT NOT NULL, stage_code_hash TEXT NOT NULL, param_id TEXT NOT NULL, attempt_id TEXT NOT NULL REFERENCES attempt, key_json TEXT NOT NULL, created_us INT NOT NULL, last_hit_us INT, hits INT NOT NULL DEFAULT 0) STRICT;
CREATE TABLE node_reuse(run_id TEXT NOT NULL, node_id TEXT NOT NULL, attempt_id TEXT NOT NULL REFERENCES attempt, memo_key TEXT NOT NULL, PRIMARY KEY(run_id,node_id)) STRICT;
CREATE TABLE column_lineage(stage TEXT NOT NULL, stage_code_hash TEXT NOT NULL, out_slot TEXT NOT NULL, out_col TEXT NOT NULL, in_slot TEXT NOT NULL, in_col TEXT NOT NULL, kind TEXT NOT NULL, subtype TEXT, descr TEXT, PRIMARY KEY(stage,stage_code_hash,out_slot,out_col,in_slot,in_col)) STRICT;
CREATE TABLE checkpoint(run_id TEXT NOT NULL, node_id TEXT NOT NULL, step INT NOT NULL, epoch INT NOT NULL, artifact_id TEXT NOT NULL REFERENCES artifact, cursor_json TEXT NOT NULL, created_us INT NOT NULL, kept INT NOT NULL DEFAULT 1, PRIMARY KEY(run_id,node_id,step)) STRICT;
-- metrics: one value per (series,step); later fence replaces earlier one
CREATE TABLE metric_series(series_id INTEGER PRIMARY KEY, run_id TEXT NOT NULL, node_id TEXT NOT NULL, key TEXT NOT NULL, unit TEXT, UNIQUE(run_id,node_id,key)) STRICT;
CREATE TABLE metric_point(series_id INT NOT NULL REFERENCES metric_series ON DELETE CASCADE, step INT NOT NULL, epoch INT NOT NULL, ts_us INT NOT NULL, value REAL, PRIMARY KEY(series_id,step)) STRICT, WITHOUT ROWID;
CREATE TABLE check_result(attempt_id TEXT NOT NULL REFERENCES attempt, name TEXT NOT NULL, status TEXT NOT NULL, severity TEXT NOT NULL, expected TEXT, actual TEXT, PRIMARY KEY(attempt_id,name)) STRICT;
-- history, outbox, audit, retention
CREATE TABLE event(seq INTEGER PRIMARY KEY AUTOINCREMENT, ts_us INT NOT NULL, run_id TEXT, node_id TEXT, epoch INT, type TEXT NOT NULL, payload TEXT) STRICT;
CREATE INDEX event_run ON event(run_id,seq);
CREATE TABLE outbox(seq INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, dedupe_key TEXT NOT NULL, payload TEXT NOT NULL, tries INT NOT NULL DEFAULT 0, next_us INT NOT NULL, sent_us INT, UNIQUE(sink,dedupe_key)) STRICT;
CREATE TABLE audit(seq INTEGER PRIMARY KEY AUTOINCREMENT, ts_us INT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL, reason TEXT, before_json TEXT) STRICT;
CREATE TABLE pin(artifact_id TEXT PRIMARY KEY REFERENCES artifact, reason TEXT NOT NULL, actor TEXT NOT NULL, until_us INT) STRICT;
CREATE TABLE tag(entity TEXT NOT NULL, id TEXT NOT NULL, k TEXT NOT NULL, v TEXT NOT NULL, PRIMARY KEY(entity,id,k)) STRICT;
