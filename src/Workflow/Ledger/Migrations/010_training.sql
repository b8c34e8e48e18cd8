-- What a training tells beyond its series, and what the picture of a run over time reads.
-- figures_json: figures of a histogram's sample itself, not of its bins: {"p5", "p50", "p95", "mean", ...}; null in histograms of older attempts.
ALTER TABLE histogram ADD COLUMN figures_json TEXT;

-- Attempts of a stage, its partitions' too, that began and ended in each ten seconds: how many ran at a time is their running sum, for 100,000 partitions as for one.
CREATE TABLE attempt_pulse(run_id TEXT NOT NULL, stage TEXT NOT NULL, at_us INT NOT NULL, began INT NOT NULL, ended INT NOT NULL, failed INT NOT NULL, PRIMARY KEY(run_id, stage, at_us)) STRICT, WITHOUT ROWID;
INSERT INTO attempt_pulse SELECT run_id, stage, at_us, SUM(began), SUM(ended), SUM(failed) FROM (
  SELECT run_id, substr(node_id, 1, instr(node_id||'/', '/')-1) AS stage, started_us-started_us%10000000 AS at_us, 1 AS began, 0 AS ended, 0 AS failed FROM attempt
  UNION ALL SELECT run_id, substr(node_id, 1, instr(node_id||'/', '/')-1), ended_us-ended_us%10000000, 0, 1, state='failed' OR state='timed_out' OR state='lost' FROM attempt WHERE ended_us IS NOT NULL) GROUP BY 1, 2, 3;
CREATE TRIGGER attempt_pulse_insert AFTER INSERT ON attempt BEGIN
  INSERT INTO attempt_pulse VALUES(NEW.run_id, substr(NEW.node_id, 1, instr(NEW.node_id||'/', '/')-1), NEW.started_us-NEW.started_us%10000000, 1, 0, 0) ON CONFLICT DO UPDATE SET began=began+1;
END;
CREATE TRIGGER attempt_pulse_ended AFTER INSERT ON attempt WHEN NEW.ended_us IS NOT NULL BEGIN
  INSERT INTO attempt_pulse VALUES(NEW.run_id, substr(NEW.node_id, 1, instr(NEW.node_id||'/', '/')-1), NEW.ended_us-NEW.ended_us%10000000, 0, 1, NEW.state='failed' OR NEW.state='timed_out' OR NEW.state='lost')
    ON CONFLICT DO UPDATE SET ended=ended+1, failed=failed+excluded.failed;
END;
CREATE TRIGGER attempt_pulse_state AFTER UPDATE OF state ON attempt WHEN OLD.state='running' AND NEW.state<>'running' AND OLD.ended_us IS NULL AND NEW.ended_us IS NOT NULL BEGIN
  INSERT INTO attempt_pulse VALUES(NEW.run_id, substr(NEW.node_id, 1, instr(NEW.node_id||'/', '/')-1), NEW.ended_us-NEW.ended_us%10000000, 0, 1, NEW.state='failed' OR NEW.state='timed_out' OR NEW.state='lost')
    ON CONFLICT DO UPDATE SET ended=ended+1, failed=failed+excluded.failed;
END;
CREATE TRIGGER attempt_pulse_delete AFTER DELETE ON run BEGIN
  DELETE FROM attempt_pulse WHERE run_id=OLD.run_id;
END;

-- Points of a series in stretches of 32 and of 4,096 steps: how many, the lowest and the highest, so that a curve of ten million points is drawn from a few thousand rows.
-- Whoever deletes points of a series from a step on deletes its stretches from that step on and tells the cut one anew (NodeClaims).
CREATE TABLE metric_rollup(series_id INT NOT NULL REFERENCES metric_series ON DELETE CASCADE, width INT NOT NULL, bucket INT NOT NULL, n INT NOT NULL, low REAL, high REAL, PRIMARY KEY(series_id, width, bucket)) STRICT, WITHOUT ROWID;
INSERT INTO metric_rollup SELECT series_id, w.column1, step/w.column1, COUNT(*), MIN(value), MAX(value) FROM metric_point, (VALUES(32), (4096)) w GROUP BY 1, 2, 3;
CREATE TRIGGER metric_rollup_insert AFTER INSERT ON metric_point BEGIN
  INSERT INTO metric_rollup VALUES(NEW.series_id, 32, NEW.step/32, 1, NEW.value, NEW.value)
    ON CONFLICT DO UPDATE SET n=n+1, low=min(COALESCE(low, excluded.low), COALESCE(excluded.low, low)), high=max(COALESCE(high, excluded.high), COALESCE(excluded.high, high));
  INSERT INTO metric_rollup VALUES(NEW.series_id, 4096, NEW.step/4096, 1, NEW.value, NEW.value)
    ON CONFLICT DO UPDATE SET n=n+1, low=min(COALESCE(low, excluded.low), COALESCE(excluded.low, low)), high=max(COALESCE(high, excluded.high), COALESCE(excluded.high, high));
END;
CREATE TRIGGER metric_rollup_change AFTER UPDATE OF value ON metric_point WHEN OLD.value IS NOT NEW.value BEGIN
  UPDATE metric_rollup SET (low, high)=(SELECT MIN(value), MAX(value) FROM metric_point WHERE series_id=NEW.series_id AND step BETWEEN NEW.step/32*32 AND NEW.step/32*32+31)
    WHERE series_id=NEW.series_id AND width=32 AND bucket=NEW.step/32;
  UPDATE metric_rollup SET (low, high)=(SELECT MIN(value), MAX(value) FROM metric_point WHERE series_id=NEW.series_id AND step BETWEEN NEW.step/4096*4096 AND NEW.step/4096*4096+4095)
    WHERE series_id=NEW.series_id AND width=4096 AND bucket=NEW.step/4096;
END;
