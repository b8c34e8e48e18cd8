using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Finds what a filter means, state by state in the order of ids, so that a long list is read in parts. Values are bound; only the names of states, which are known, stand in the text.</summary>
/// <param name="filter">The filter, checked.</param>
/// <param name="states">The states it looks for.</param>
/// <param name="now">The time that ages count from, in microseconds.</param>
sealed class BulkTargets(BulkFilter filter, IReadOnlyList<string> states, long now)
{
    /// <summary>A filter and an act, checked.</summary>
    /// <exception cref="WorkflowException">Says what is wrong.</exception>
    public static BulkTargets Of(BulkFilter filter, string action, long now)
    {
        var (known, allowed) = filter.Kind switch
        {
            "node" => (ActStates.NodeActs, ActStates.OfNode(action)),
            "run" => (ActStates.RunActs, ActStates.OfRun(action)),
            _ => throw new WorkflowException($"Found kind '{filter.Kind}'; expected node or run.", exitCode: 2),
        };
        if (!known.Contains(action))
        {
            throw new WorkflowException($"Found act '{action}' on many {filter.Kind}s; expected {string.Join(", ", known)}.", exitCode: 2);
        }

        if (filter.OlderThan < TimeSpan.Zero)
        {
            throw new WorkflowException($"Found an age of {filter.OlderThan}; expected one of at least 0.", exitCode: 2);
        }

        if (filter.Ids.Count == 0 && filter.Kind == "node")
        {
            // Each of those would be a run of its own: that is for ticked ones.
            allowed = [.. allowed.Except(["succeeded", "reused"])];
        }

        var unfit = filter.States.Except(allowed).ToList();
        return unfit.Count > 0 && filter.Ids.Count == 0 && unfit.Count == filter.States.Count
            ? throw new WorkflowException($"Nothing to {action}: no {filter.Kind} that is {string.Join(" or ", unfit)} allows it. It is for those that are {string.Join(", ", allowed)}.", exitCode: 2)
            : new BulkTargets(filter, filter.States.Count == 0 || filter.Ids.Count > 0 ? allowed : [.. allowed.Intersect(filter.States)], now);
    }

    bool Nodes => filter.Kind == "node";

    /// <summary>How many there are, exactly.</summary>
    public long Count(LedgerConnection db) => filter.Ids.Count > 0
        ? Ticked(db, filter.Ids.Count).Count
        : states.Sum(s => db.Number($"SELECT COUNT(*) {Where(s)}", Arguments("", "", 0)));

    /// <summary>The first of them.</summary>
    public List<BulkTarget> First(LedgerConnection db, int rows)
    {
        if (filter.Ids.Count > 0)
        {
            return Ticked(db, rows);
        }

        var found = new List<BulkTarget>();
        foreach (var state in states.TakeWhile(_ => found.Count < rows))
        {
            found.AddRange(db.Query($"SELECT {Columns} {Where(state, shown: true)} ORDER BY {Order} LIMIT ?9", Map, Arguments("", "", rows - found.Count)));
        }

        return found;
    }

    /// <summary>The next ids behind a cursor of (state, run, node), and the cursor behind them; no id and a null cursor at the end.</summary>
    public (List<(string Run, string Node)> Ids, (string State, string Run, string Node)? Cursor) Next(LedgerConnection db, (string State, string Run, string Node) cursor, int limit)
    {
        for (var i = Math.Max(0, states.ToList().IndexOf(cursor.State)); i < states.Count; i++)
        {
            var (run, node) = states[i] == cursor.State ? (cursor.Run, cursor.Node) : ("", "");
            var ids = db.Query($"SELECT {Ids} {Where(states[i])} ORDER BY {Order} LIMIT ?9", r => (r.Text(0), r.Text(1)), Arguments(run, node, limit));
            if (ids.Count > 0)
            {
                return (ids, (states[i], ids[^1].Item1, ids[^1].Item2));
            }
        }

        return ([], null);
    }

    string Ids => Nodes ? "n.run_id, n.node_id" : "r.run_id, ''";

    string Order => Nodes ? "n.run_id, n.node_id" : "r.run_id";

    string Columns => Nodes
        ? "n.run_id, n.node_id, r.pipeline, n.state, n.ended_us, (SELECT t.error_text FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.epoch)"
        : "r.run_id, '', r.pipeline, r.state, r.ended_us, r.error_text";

    static BulkTarget Map(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.TimeOrNull(4), r.TextOrNull(5));

    /// <summary>A condition that has nothing to say is left out, so that a filter by state alone is answered by an index alone.</summary>
    string Where(string state, bool shown = false)
    {
        var run = Nodes ? "n.run_id" : "r.run_id";
        var conditions = new List<string> { $"{(Nodes ? "n" : "r")}.state='{state}'", Nodes ? "(n.run_id, n.node_id)>(?1, ?2)" : "r.run_id>?1 AND ?2=''" };
        Add(filter.Run, $"{run}=?3");
        Add(filter.Job, "r.pipeline=?4");
        Add(Nodes ? filter.Stage : "", "n.stage=?5");
        Add(Nodes ? filter.Queue : "", "n.slot_class=?6");
        Add(filter.Error, Nodes
            ? "EXISTS(SELECT 1 FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.epoch AND instr(lower(t.error_text), lower(?7))>0)"
            : "instr(lower(r.error_text), lower(?7))>0");
        Add(filter.Text, "(instr(lower(r.pipeline), lower(?8))>0 OR instr(r.run_id, lower(?8))>0 OR instr(lower(r.requested_by), lower(?8))>0)");
        Add(filter.OlderThan is null ? "" : "age", $"COALESCE({(Nodes ? "n" : "r")}.ended_us, r.created_us)<?10");
        var joined = shown || filter.Job.Length > 0 || filter.Text.Length > 0 || filter.OlderThan is not null;
        return $"FROM {(!Nodes ? "run r" : joined ? "node n JOIN run r ON r.run_id=n.run_id" : "node n")} WHERE {string.Join(" AND ", conditions)}";

        void Add(string value, string condition)
        {
            if (value.Length > 0)
            {
                conditions.Add(condition);
            }
        }
    }

    object?[] Arguments(string run, string node, int limit) => [run, node, filter.Run, filter.Job, filter.Stage, filter.Queue, filter.Error, filter.Text, limit, now - (long)(filter.OlderThan?.TotalMicroseconds ?? 0)];

    /// <summary>Ticked ids as they are now; those whose state no longer allows the act are left out.</summary>
    List<BulkTarget> Ticked(LedgerConnection db, int rows)
    {
        var found = new List<BulkTarget>();
        var allowed = string.Join(',', states.Select(s => $"'{s}'"));
        foreach (var id in filter.Ids.Distinct(StringComparer.Ordinal).TakeWhile(_ => found.Count < rows))
        {
            var (run, node) = Split(id);
            found.AddRange(db.Query($"SELECT {Columns} FROM {(Nodes ? "node n JOIN run r ON r.run_id=n.run_id WHERE n.run_id=?1 AND n.node_id=?2 AND n.state" : "run r WHERE r.run_id=?1 AND ?2='' AND r.state")} IN({allowed})", Map, run, node));
        }

        return found;
    }

    /// <summary>The run and the node of an id <c>RUN/NODE</c>.</summary>
    public static (string Run, string Node) Split(string id) => id.IndexOf('/') is var at and >= 0 ? (id[..at], id[(at + 1)..]) : (id, "");
}
