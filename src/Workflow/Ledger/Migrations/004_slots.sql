-- What an attempt took over from an earlier one of its stage, row by row; bytes never depend on it, so it is counted here and not in artifacts.
-- words: what was counted, as a sentence goes on after "12 of 340": "documents encoded anew"; source_run: the run it took the rest from, or null.
CREATE TABLE attempt_reuse(attempt_id TEXT NOT NULL REFERENCES attempt ON DELETE CASCADE, words TEXT NOT NULL, total INT NOT NULL, anew INT NOT NULL, source_run TEXT, PRIMARY KEY(attempt_id, words)) STRICT, WITHOUT ROWID;

-- Named slots: which model serves under a name. Rows are only added; the one with the highest seq counts. run_id and attempt_id are null where a person set it.
CREATE TABLE model_slot(name TEXT NOT NULL, seq INT NOT NULL, artifact_id TEXT NOT NULL REFERENCES artifact, run_id TEXT, attempt_id TEXT, actor TEXT NOT NULL, set_us INT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(name, seq)) STRICT, WITHOUT ROWID;
