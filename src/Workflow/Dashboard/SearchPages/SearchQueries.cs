using Workflow.Dashboard.SchedulePages;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.SearchPages;

/// <summary>Reads of the full-text index, newest document first; each goes on behind a cursor and stops at the page's end.</summary>
static class SearchQueries
{
    const int Size = 20;
    const int Few = 5;
    const int Words = 28;

    /// <summary>Marked title and snippet, from the index's row.</summary>
    static readonly string Marked = $"highlight(search_text, 1, '{SearchText.Begin}', '{SearchText.End}'), snippet(search_text, 2, '{SearchText.Begin}', '{SearchText.End}', '…', {Words})";

    /// <summary>What a text finds: a few of each kind, or a page of one.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="text">As typed.</param>
    /// <param name="scope">The kind; empty for all.</param>
    /// <param name="state">Runs: their state; empty for all.</param>
    /// <param name="after">Cursor, or null.</param>
    public static IReadOnlyList<SearchGroup> Search(LedgerConnection db, string text, string scope, string state, string? after) =>
        [.. SearchScope.All.Where(s => scope.Length == 0 ? state.Length == 0 || s.Name == "run" : s.Name == scope)
            .Select(s => s.Name == "artifact" ? Artifacts(db, s, text, scope.Length == 0 ? Few : Size, after) : Group(db, s, text, state, scope.Length == 0 ? Few : Size, after)).Where(g => g.Hits.Count > 0)];

    static SearchGroup Group(LedgerConnection db, SearchScope scope, string text, string state, int size, string? after)
    {
        if (SearchText.Match(text, scope.Name) is not { } match)
        {
            return new SearchGroup(scope, [], 0, null);
        }

        var below = Cursor.Read(after, "n") is [long from] ? from : long.MaxValue;
        var rows = scope.Name == "run" ? Runs(db, match, state, below, size + 1) : db.Query($"""
            SELECT search_text.rowid, d.ref, {Marked} FROM search_text CROSS JOIN search_doc d ON d.doc_id=search_text.rowid
            WHERE search_text MATCH ?1 AND search_text.rowid<?2 ORDER BY search_text.rowid DESC LIMIT ?3
            """, r => (Row: r.Number(0), Ref: r.Text(1), Title: r.Text(2), Snippet: r.Text(3)), match, below, size + 1);
        var hits = rows.Take(size).Select(r => Hit(db, scope.Name, r.Ref, r.Title, r.Snippet)).ToList();
        var count = state.Length > 0 ? hits.Count : db.Number($"SELECT COUNT(*) FROM (SELECT 1 FROM search_text WHERE search_text MATCH ?1 LIMIT {SearchGroup.MostCounted})", match);
        return new SearchGroup(scope, hits, count, rows.Count > size ? Cursor.Of(rows[size - 1].Row) : null);
    }

    static List<(long Row, string Ref, string Title, string Snippet)> Runs(LedgerConnection db, string match, string state, long below, int most) => db.Query($"""
        SELECT search_text.rowid, d.ref, {Marked} FROM search_text CROSS JOIN search_doc d ON d.doc_id=search_text.rowid CROSS JOIN run r ON r.run_id=d.ref
        WHERE search_text MATCH ?1 AND search_text.rowid<?2 AND (?4='' OR r.state=?4) ORDER BY search_text.rowid DESC LIMIT ?3
        """, r => (r.Number(0), r.Text(1), r.Text(2), r.Text(3)), match, below, most, state);

    static SearchHit Hit(LedgerConnection db, string scope, string reference, string title, string snippet) => scope switch
    {
        "run" => db.First("SELECT state, created_us, error_text IS NOT NULL FROM run WHERE run_id=?1", r =>
            new SearchHit(title, Address.Run(reference), snippet, $"run {Format.Short(reference)}", r.Text(0), r.TimeOrNull(1)), reference)!,
        "stage" => Stage(db, reference, title, snippet),
        "error" => db.First("SELECT t.run_id, t.node_id, t.epoch, r.pipeline, t.state, COALESCE(t.ended_us, t.started_us) FROM attempt t JOIN run r USING(run_id) WHERE t.attempt_id=?1", r =>
            new SearchHit(title, $"{Address.Node(r.Text(0), r.Text(1))}?epoch={r.Number(2)}", snippet, $"{r.Text(3)}, run {Format.Short(r.Text(0))}", r.Text(4), r.TimeOrNull(5)), reference)
            ?? new SearchHit(title, "/search", snippet, "", null, null),
        "parameter" => Parameter(db, reference, snippet),
        "schedule" => new SearchHit(title, ScheduleEndpoints.Address(reference), snippet, "", null, null),
        _ => db.First("SELECT ts_us, target FROM audit WHERE seq=?1", r => new SearchHit(title, Address.Of("/audit", ("target", r.Text(1))), snippet, "", null, r.TimeOrNull(0)), long.Parse(reference))!,
    };

    static SearchHit Stage(LedgerConnection db, string reference, string title, string snippet)
    {
        var cut = reference.LastIndexOf('/');
        var (job, stage) = (reference[..cut], reference[(cut + 1)..]);
        return db.First("""
            SELECT n.run_id, n.state, r.created_us FROM run r JOIN node n ON n.run_id=r.run_id AND n.node_id=?2 WHERE r.pipeline=?1 ORDER BY r.created_us DESC, r.run_id DESC LIMIT 1
            """, r => new SearchHit(title, Address.Node(r.Text(0), stage), snippet, $"in {job}, as of its newest run", r.Text(1), r.TimeOrNull(2)), job, stage)
            ?? new SearchHit(title, Address.Of("/runs", ("job", job)), snippet, $"in {job}", null, null);
    }

    static SearchHit Parameter(LedgerConnection db, string id, string snippet)
    {
        var runs = db.Number($"SELECT COUNT(*) FROM (SELECT 1 FROM node WHERE param_id=?1 AND kind<>'partition' LIMIT {SearchGroup.MostCounted})", id);
        return db.First("""
            SELECT n.run_id, n.node_id, n.stage, r.pipeline, n.state, r.created_us FROM node n JOIN run r ON r.run_id=n.run_id WHERE n.param_id=?1 AND n.kind<>'partition' ORDER BY n.run_id DESC LIMIT 1
            """, r => new SearchHit($"{r.Text(2)} in {r.Text(3)}", Address.Node(r.Text(0), r.Text(1)), snippet, runs == 1 ? "one stage has these options" : $"{(runs >= SearchGroup.MostCounted ? $"{runs:#,0} and more" : $"{runs:#,0}")} stages have these options; the newest is shown",
                r.Text(4), r.TimeOrNull(5)), id) ?? new SearchHit("Options of no run", Address.Of("/search", ("scope", "parameter")), snippet, "their runs were purged", null, null);
    }

    /// <summary>Artifacts by the beginning of their id, or newest of the kinds that begin so.</summary>
    static SearchGroup Artifacts(LedgerConnection db, SearchScope scope, string text, int size, string? after)
    {
        var words = SearchText.Words(text);
        if (words is not [var (word, _)])
        {
            return new SearchGroup(scope, [], 0, null);
        }

        var start = word.ToLowerInvariant();
        if (start.Length >= 4 && start.All(char.IsAsciiHexDigit))
        {
            var last = Cursor.Read(after, "t") is [string id] ? id : "";
            var found = db.Query("SELECT artifact_id, kind, size, created_us FROM artifact WHERE artifact_id>=?1 AND artifact_id<?1||'g' AND artifact_id>?2 ORDER BY artifact_id LIMIT ?3", r => ArtifactHit(r, start.Length), start, last, size + 1);
            return new SearchGroup(scope, [.. found.Take(size).Select(f => f.Hit)], Math.Min(found.Count, size), found.Count > size ? Cursor.Of(found[size - 1].Id) : null);
        }

        if (db.Query("SELECT kind, n FROM artifact_tally WHERE n>0 AND kind>=?1 AND kind<?1||char(1114111) ORDER BY kind LIMIT 1", r => (Kind: r.Text(0), Count: r.Number(1)), start) is not [var (kind, count)])
        {
            return new SearchGroup(scope, [], 0, null);
        }

        var (time, behind) = Cursor.Read(after, "nt") is [long t, string b] ? (t, b) : (long.MaxValue, "");
        var rows = db.Query("""
            SELECT artifact_id, kind, size, created_us FROM artifact WHERE kind=?1 AND created_us<=?2 AND (created_us<?2 OR artifact_id>?3) ORDER BY created_us DESC, artifact_id LIMIT ?4
            """, r => ArtifactHit(r, 0), kind, time, behind, size + 1);
        return new SearchGroup(scope, [.. rows.Take(size).Select(f => f.Hit)], Math.Min(count, SearchGroup.MostCounted), rows.Count > size ? Cursor.Of(rows[size - 1].Time, rows[size - 1].Id) : null);
    }

    static (string Id, long Time, SearchHit Hit) ArtifactHit(Row r, int found)
    {
        var id = r.Text(0);
        var shown = found == 0 ? id[..Math.Min(16, id.Length)] : $"{SearchText.Begin}{id[..found]}{SearchText.End}{id[found..Math.Min(Math.Max(16, found), id.Length)]}";
        return (id, r.Number(3), new SearchHit(found == 0 ? $"{SearchText.Begin}{r.Text(1)}{SearchText.End} {shown}" : $"{r.Text(1)} {shown}", Address.Artifact(id), "", Format.Bytes(r.Number(2)), null, r.TimeOrNull(3)));
    }
}
