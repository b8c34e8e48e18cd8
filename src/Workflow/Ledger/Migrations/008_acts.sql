-- What people do beyond runs: to single nodes, to queues, to many at once.

-- stop: what a running attempt is stopped for: 'delete' (the node is cancelled) or 'requeue' (it starts anew); taken back with the attempt's end.
ALTER TABLE node ADD COLUMN stop TEXT CHECK(stop IS NULL OR stop='delete' OR stop='requeue');
CREATE INDEX node_stop ON node(run_id, node_id) WHERE stop IS NOT NULL;
-- nodes that ended without a result, in the order in which acts over many list them
CREATE INDEX node_unwell ON node(state, run_id, node_id) WHERE state='failed' OR state='cancelled' OR state='skipped';

-- a queue (slot class) whose nodes are not claimed; until_us: when that ends by itself
CREATE TABLE queue_pause(slot_class TEXT PRIMARY KEY, paused_us INT NOT NULL, paused_by TEXT NOT NULL, reason TEXT NOT NULL, until_us INT) STRICT;

-- when a pause made by hand ends by itself
ALTER TABLE schedule ADD COLUMN paused_until_us INT;
CREATE INDEX schedule_until ON schedule(paused_until_us) WHERE paused_until_us IS NOT NULL;

-- 'requeue': the payload is the node. Only the text of the schema changes, as in 006.
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql=replace(sql, 'CHECK(kind IN(''run'',''resume'',''cancel'',''restart''))', 'CHECK(kind IN(''run'',''resume'',''cancel'',''restart'',''requeue''))') WHERE type='table' AND name='request';
PRAGMA writable_schema=RESET;

-- Acts over many. state: listing (targets are being listed up to the cursor), acting, ended, stopped. total counts what is listed; done and failed grow towards it.
CREATE TABLE bulk_act(bulk_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK(kind='node' OR kind='run'), action TEXT NOT NULL, filter_json TEXT NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL,
  state TEXT NOT NULL CHECK(state='listing' OR state='acting' OR state='ended' OR state='stopped'), cursor_state TEXT NOT NULL DEFAULT '', cursor_run TEXT NOT NULL DEFAULT '', cursor_node TEXT NOT NULL DEFAULT '',
  total INT NOT NULL DEFAULT 0, done INT NOT NULL DEFAULT 0, failed INT NOT NULL DEFAULT 0, created_us INT NOT NULL, ended_us INT) STRICT;
CREATE INDEX bulk_open ON bulk_act(created_us) WHERE ended_us IS NULL;
CREATE INDEX bulk_newest ON bulk_act(created_us DESC, bulk_id DESC);
-- a target that is still to be done, or (error set) whose act was refused; what is done goes in the transaction that did it. node_id is empty where a run is meant
CREATE TABLE bulk_item(bulk_id TEXT NOT NULL REFERENCES bulk_act ON DELETE CASCADE, run_id TEXT NOT NULL, node_id TEXT NOT NULL, error TEXT, PRIMARY KEY(bulk_id, run_id, node_id)) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_todo ON bulk_item(bulk_id, run_id, node_id) WHERE error IS NULL;
