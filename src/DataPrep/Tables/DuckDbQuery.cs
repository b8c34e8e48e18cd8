#if STACK_SYSTEM
namespace DataPrep.Tables;

/// <summary>SQL over Parquet artifacts, read-only: one view per name; no other file, no network and no setting can be reached.</summary>
public sealed class DuckDbQuery(DuckDbOptions? options = null)
{
    /// <summary>Runs one SELECT (also WITH, DESCRIBE, SUMMARIZE).</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="views">View name to the Parquet files it unites, in that order; files of one view have the same columns.</param>
    /// <param name="cancellationToken">Interrupts the statement.</param>
    /// <exception cref="DataPrepException">The SQL is wrong, not a SELECT, or reads something else than the views.</exception>
    public QueryResult Run(string sql, IReadOnlyDictionary<string, IReadOnlyList<string>> views, CancellationToken cancellationToken = default)
    {
        var session = new DuckDbSession(options ?? new DuckDbOptions());
        var interrupt = cancellationToken.Register(session.Interrupt);
        try
        {
            Prepare(session, views);
            var statement = sql.Trim().TrimEnd(';').TrimEnd();
            DuckDbReader.CheckSelect(session, statement);
            var names = session.Describe($"SELECT * FROM (\n{statement}\n) LIMIT 0").Select(c => c.Name).ToList();
            var positions = Enumerable.Range(0, names.Count).Select(i => $"c{i}").ToList();
            var reader = new DuckDbReader(session, $"SELECT {string.Join(", ", positions.Select(p => $"CAST({p} AS VARCHAR)"))} FROM (\n{statement}\n) AS q({string.Join(", ", positions)})");
            return new QueryResult(names, session, reader, interrupt, e => Fault(e, views));
        }
        catch (Exception e)
        {
            interrupt.Dispose();
            session.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (e is DuckDbException fault)
            {
                throw Fault(fault, views);
            }

            throw;
        }
    }

    static void Prepare(DuckDbSession session, IReadOnlyDictionary<string, IReadOnlyList<string>> views)
    {
        var files = views.Values.SelectMany(v => v).ToList();
        if (files.Find(f => !File.Exists(f)) is { } missing)
        {
            throw new DataPrepException($"Table '{missing}' does not exist.");
        }

        // With external access off DuckDB expands no patterns, not even an escaped one.
        if (files.Find(f => Path.GetFullPath(f).AsSpan().ContainsAny("*?[")) is { } pattern)
        {
            throw new DataPrepException($"Table '{pattern}' cannot be queried: its path holds one of the characters * ? [. Query it from a folder without them.");
        }

        session.Execute($"SET allowed_paths = [{string.Join(", ", files.Select(f => DuckDbSession.Quote(Path.GetFullPath(f))))}]");
        session.Execute("SET enable_external_access = false");
        foreach (var (name, paths) in views.Where(v => v.Value.Count > 0).OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            session.Execute($"CREATE VIEW {DuckDbSession.Name(name)} AS SELECT * FROM read_parquet([{string.Join(", ", paths.Select(DuckDbSession.File))}], hive_partitioning = false)");
        }

        session.Execute("SET lock_configuration = true");
    }

    static DataPrepException Fault(DuckDbException e, IReadOnlyDictionary<string, IReadOnlyList<string>> views) =>
        new($"The query failed: {e.Message.TrimEnd()}\nTables here: {(views.Count == 0 ? "none" : string.Join(", ", views.Keys.Order(StringComparer.Ordinal)))}.", e);
}
#endif
