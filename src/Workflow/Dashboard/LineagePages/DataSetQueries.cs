using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.LineagePages;

/// <summary>A data set with its newest version.</summary>
public sealed record DataSetRow(string Name, string Kind, bool Declared, long Versions, string ArtifactId, string RunId, string Job, DateTimeOffset Changed, long? Rows, long Size, long Readers);

/// <summary>A version of a data set.</summary>
/// <param name="Seq">Its number, from 1.</param>
/// <param name="ArtifactId">The artifact.</param>
/// <param name="RunId">The run that made it the newest.</param>
/// <param name="Created">When.</param>
/// <param name="Rows">Rows or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="File">Hash of its first table, or null.</param>
/// <param name="UsedBy">Runs and stages that read it, newest first, a few.</param>
public sealed record DataVersionRow(long Seq, string ArtifactId, string RunId, DateTimeOffset Created, long? Rows, long Size, string? File, IReadOnlyList<(string Run, string Node)> UsedBy);

/// <summary>Reads for pages of data sets.</summary>
static class DataSetQueries
{
    /// <summary>Data sets that a filter looks through, newest first.</summary>
    const int Searched = 5000;

    /// <summary>Readers are counted up to this.</summary>
    public const int MostReaders = 100;

    const string Columns = $"""
        SELECT d.name, d.kind, d.declared, d.versions, d.artifact_id, d.run_id, r.pipeline, d.changed_us, a.rows, a.size,
          (SELECT COUNT(*) FROM (SELECT 1 FROM edge e WHERE e.artifact_id=d.artifact_id AND e.dir='in' LIMIT 101))
        """;

    /// <summary>A page of data sets, the last changed first; one more than asked for where there are more.</summary>
    public static List<DataSetRow> Page(LedgerConnection db, string text, string kind, Paging paging)
    {
        var (at, name) = Cursor.Read(paging.After, "nt") is [long micros, string last] ? (micros, last) : (long.MaxValue, "");
        return db.Query($"""
            {Columns} FROM (SELECT * FROM (SELECT * FROM data_set WHERE changed_us<=?1 AND (changed_us<?1 OR name>?2) {(kind.Length > 0 ? "AND kind=?4" : "")} ORDER BY changed_us DESC, name LIMIT ?5)
              WHERE ?3='' OR instr(lower(name), ?3)>0 LIMIT ?6) d
            LEFT JOIN artifact a ON a.artifact_id=d.artifact_id LEFT JOIN run r ON r.run_id=d.run_id ORDER BY d.changed_us DESC, d.name
            """, Row, at, name, text.ToLowerInvariant(), kind, text.Length > 0 ? Searched : paging.Size + 1, paging.Size + 1);
    }

    /// <summary>One data set, or null.</summary>
    public static DataSetRow? One(LedgerConnection db, string name) =>
        db.First($"{Columns} FROM data_set d LEFT JOIN artifact a ON a.artifact_id=d.artifact_id LEFT JOIN run r ON r.run_id=d.run_id WHERE d.name=?1", Row, name);

    /// <summary>Kinds of artifacts there are.</summary>
    public static List<string> Kinds(LedgerConnection db) => db.Query("SELECT kind FROM artifact_tally ORDER BY kind LIMIT 100", r => r.Text(0));

    /// <summary>Versions, newest first; one more than asked for where there are more.</summary>
    public static List<DataVersionRow> Versions(LedgerConnection db, string name, Paging paging) => db.Query("""
        SELECT v.seq, v.artifact_id, v.run_id, v.created_us, a.rows, a.size, (SELECT m.blob_hash FROM artifact_member m WHERE m.artifact_id=v.artifact_id AND m.rows IS NOT NULL ORDER BY m.ordinal LIMIT 1)
        FROM data_version v LEFT JOIN artifact a ON a.artifact_id=v.artifact_id WHERE v.name=?1 AND v.seq<?2 ORDER BY v.seq DESC LIMIT ?3
        """, r => new DataVersionRow(r.Number(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3)), r.NumberOrNull(4), r.NumberOrNull(5) ?? 0, r.TextOrNull(6), UsedBy(db, r.Text(1))),
        name, Cursor.Read(paging.After, "n") is [long seq] ? seq : long.MaxValue, paging.Size + 1);

    /// <summary>Rows and bytes of the newest versions, oldest first.</summary>
    public static List<(long Seq, long? Rows, long Size)> Growth(LedgerConnection db, string name)
    {
        var rows = db.Query("SELECT v.seq, a.rows, a.size FROM data_version v JOIN artifact a ON a.artifact_id=v.artifact_id WHERE v.name=?1 ORDER BY v.seq DESC LIMIT 300", r => (r.Number(0), r.NumberOrNull(1), r.Number(2)), name);
        rows.Reverse();
        return rows;
    }

    static List<(string, string)> UsedBy(LedgerConnection db, string artifact) => db.Query("""
        SELECT DISTINCT t.run_id, n.stage FROM (SELECT attempt_id FROM edge WHERE artifact_id=?1 AND dir='in' ORDER BY attempt_id DESC LIMIT 40) e
        CROSS JOIN attempt t ON t.attempt_id=e.attempt_id CROSS JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id LIMIT 6
        """, r => (r.Text(0), r.Text(1)), artifact);

    static DataSetRow Row(Row r) => new(r.Text(0), r.Text(1), r.Number(2) == 1, r.Number(3), r.Text(4), r.Text(5), r.TextOrNull(6) ?? "", LedgerTime.FromMicros(r.Number(7)), r.NumberOrNull(8), r.NumberOrNull(9) ?? 0, r.Number(10));
}
