-- Schedules of job files and what became of each of their fire times.

-- 'schedule_key' is job/name. 'cursor_us' is the nominal time up to which everything has been decided: it only grows, whatever the clock does. 'ring_us' is 'next_us' and its jitter.
-- 'seen_seq' does the same for the versions of 'dataset'. A withdrawn schedule keeps its history.
CREATE TABLE schedule(schedule_key TEXT PRIMARY KEY, job TEXT NOT NULL, name TEXT NOT NULL,
  file TEXT NOT NULL, folder TEXT NOT NULL, sets_json TEXT NOT NULL DEFAULT '[]', source TEXT NOT NULL CHECK(source IN('serve','add')),
  cron TEXT, dataset TEXT, zone TEXT NOT NULL, misfire TEXT NOT NULL CHECK(misfire IN('skip','once','all')), overlap TEXT NOT NULL CHECK(overlap IN('skip','queue-one','cancel-previous','allow')),
  jitter_us INT NOT NULL DEFAULT 0, start_us INT, end_us INT, priority INT, file_paused TEXT,
  paused_us INT, paused_by TEXT, paused_reason TEXT,
  cursor_us INT NOT NULL, next_us INT, ring_us INT, seen_seq INT NOT NULL DEFAULT 0,
  declared_us INT NOT NULL, changed_us INT NOT NULL, withdrawn_us INT, withdrawn_reason TEXT,
  CHECK((cron IS NULL) <> (dataset IS NULL))) STRICT;
CREATE INDEX schedule_ring ON schedule(ring_us) WHERE withdrawn_us IS NULL AND ring_us IS NOT NULL;
CREATE INDEX schedule_dataset ON schedule(dataset) WHERE withdrawn_us IS NULL AND dataset IS NOT NULL;

-- One row per nominal time and what became of it. Of very many missed at once the oldest are one row: 'count' of them, from 'nominal_us' to 'until_us'; SUM(count) is always exact.
-- 'mark' tells apart ticks of one nominal time: the version of a data set, the backfill, the run asked for by hand.
CREATE TABLE schedule_tick(tick_id INTEGER PRIMARY KEY, schedule_key TEXT NOT NULL REFERENCES schedule, kind TEXT NOT NULL CHECK(kind IN('cron','upstream','manual','backfill')),
  nominal_us INT NOT NULL, until_us INT, count INT NOT NULL DEFAULT 1, mark TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL CHECK(outcome IN('fired','queued','missed','skipped-overlap','paused','exists','error')), run_id TEXT, reason TEXT, decided_us INT NOT NULL,
  UNIQUE(schedule_key, kind, nominal_us, mark)) STRICT;
CREATE INDEX schedule_tick_newest ON schedule_tick(schedule_key, tick_id DESC);
CREATE INDEX schedule_tick_queued ON schedule_tick(schedule_key) WHERE outcome='queued';

-- One run per nominal time in [from_us, to_us), at most 'parallel' of them unfinished at a time. 'cursor_us' is the last nominal time handled.
CREATE TABLE backfill(backfill_id TEXT PRIMARY KEY, schedule_key TEXT NOT NULL REFERENCES schedule, from_us INT NOT NULL, to_us INT NOT NULL, parallel INT NOT NULL, total INT NOT NULL,
  cursor_us INT NOT NULL, actor TEXT NOT NULL, reason TEXT, created_us INT NOT NULL, ended_us INT) STRICT;
CREATE INDEX backfill_open ON backfill(created_us) WHERE ended_us IS NULL;

CREATE INDEX run_schedule_open ON run(schedule_key) WHERE schedule_key IS NOT NULL AND state IN('queued','running','interrupted');
CREATE INDEX run_schedule ON run(schedule_key, created_us DESC) WHERE schedule_key IS NOT NULL;
CREATE INDEX run_unowned ON run(created_us, run_id) WHERE state='queued' AND worker_id IS NULL AND schedule_key IS NOT NULL;
CREATE INDEX run_backfill ON run(backfill_id) WHERE backfill_id IS NOT NULL;
