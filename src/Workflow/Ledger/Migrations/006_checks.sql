-- The same rules, cheaper: SQLite builds a table in memory for each IN list of more than two values, each time a row is checked or tried against a partial index; a chain of OR is compared at once.
-- Only texts of the schema change, no row: SQLite's own procedure for changing CHECK constraints (its page on ALTER TABLE, section 8).
PRAGMA writable_schema=ON;
UPDATE sqlite_schema SET sql=replace(replace(sql,
  'CHECK(trigger_kind IN(''cron'',''manual'',''backfill'',''resume'',''api'',''upstream''))',
  'CHECK(trigger_kind=''manual'' OR trigger_kind=''cron'' OR trigger_kind=''backfill'' OR trigger_kind=''resume'' OR trigger_kind=''api'' OR trigger_kind=''upstream'')'),
  'CHECK(state IN(''queued'',''running'',''interrupted'',''succeeded'',''failed'',''cancelled'',''partial''))',
  'CHECK(state=''queued'' OR state=''running'' OR state=''succeeded'' OR state=''failed'' OR state=''interrupted'' OR state=''cancelled'' OR state=''partial'')')
  WHERE type='table' AND name='run';
UPDATE sqlite_schema SET sql=replace(replace(sql,
  'CHECK(kind IN(''single'',''partition'',''gather''))',
  'CHECK(kind=''single'' OR kind=''partition'' OR kind=''gather'')'),
  'CHECK(state IN(''waiting'',''ready'',''running'',''retry_wait'',''succeeded'',''reused'',''failed'',''skipped'',''cancelled''))',
  'CHECK(state=''ready'' OR state=''running'' OR state=''succeeded'' OR state=''waiting'' OR state=''reused'' OR state=''retry_wait'' OR state=''failed'' OR state=''skipped'' OR state=''cancelled'')')
  WHERE type='table' AND name='node';
UPDATE sqlite_schema SET sql=replace(replace(sql,
  'CHECK(state IN(''running'',''committed'',''failed'',''lost'',''fenced'',''cancelled'',''timed_out'',''superseded''))',
  'CHECK(state=''running'' OR state=''committed'' OR state=''failed'' OR state=''lost'' OR state=''fenced'' OR state=''cancelled'' OR state=''timed_out'' OR state=''superseded'')'),
  'CHECK(error_class IN(''transient'',''resource'',''data'',''code''))',
  'CHECK(error_class IS NULL OR error_class=''transient'' OR error_class=''resource'' OR error_class=''data'' OR error_class=''code'')')
  WHERE type='table' AND name='attempt';
UPDATE sqlite_schema SET sql=replace(sql,
  'CHECK(state IN(''live'',''doomed'',''deleted'',''missing''))',
  'CHECK(state=''live'' OR state=''doomed'' OR state=''deleted'' OR state=''missing'')')
  WHERE type='table' AND name='blob';

-- Queries use these two only where they say the same condition in the same words.
DROP INDEX node_open;
CREATE INDEX node_open ON node(run_id) WHERE state='waiting' OR state='ready' OR state='running' OR state='retry_wait';
DROP INDEX event_life;
CREATE INDEX event_life ON event(run_id, seq) WHERE type='run.queued' OR type='run.resumed' OR type='run.ended';
PRAGMA writable_schema=RESET;
