using System.Collections.Concurrent;
using DataPrep;
using Workflow.Ledger;
using Workflow.Lineage;

namespace Workflow.Dashboard.DiffPages;

/// <summary>A run to choose.</summary>
public sealed record DiffChoice(string RunId, string Job, string State, DateTimeOffset Created);

/// <summary>Two runs side by side: <c>/diff?a=RUN</c> compares with the run of the same job before, <c>/diff?a=RUN&amp;b=RUN</c> with any.</summary>
static class DiffEndpoints
{
    const int Choices = 60, Kept = 200;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly ConcurrentDictionary<(string, string), IReadOnlyList<DiffFigure>> Compared = new();

    /// <summary>Maps all of them.</summary>
    public static void Map(WebApplication app, DashboardContext context)
    {
        app.MapGet("/diff", (string? a, string? b, string? all) => Diff(context, a ?? "", b ?? "", all is not null));
        app.MapGet("/parts/diff", async (HttpContext http, string? a, string? b) => await ScoresAsync(http, context, a ?? "", b ?? ""));
    }

    static IResult Diff(DashboardContext context, string a, string b, bool all)
    {
        var choices = context.Ledger.Read(db => Runs(db, a));
        if (a.Length == 0)
        {
            return DashboardEndpoints.Page<DiffPage>(new { Choices = choices, All = all, Compared = false });
        }

        var before = b.Length > 0 ? b : context.Ledger.Read(db => RunDiffQueries.RunBefore(db, a));
        foreach (var run in (string?[])[a, before])
        {
            if (run is not null && context.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM run WHERE run_id=?1", run)) == 0)
            {
                return DashboardEndpoints.NotFound("run", run, "/diff", "Choose the runs to compare");
            }
        }

        var diff = before is null || before == a ? null : context.Ledger.Diff(context.Paths, a, before);
        return DashboardEndpoints.Page<DiffPage>(new { Choices = choices, A = a, B = b, Diff = diff, All = all, Compared = diff is not null && Known(diff) is not null });
    }

    static async Task<IResult> ScoresAsync(HttpContext http, DashboardContext context, string a, string b)
    {
        RunDiff diff;
        try
        {
            diff = context.Ledger.Diff(context.Paths, a, b);
        }
        catch (WorkflowException)
        {
            return Results.NotFound();
        }

        if (diff.PerQuery is not { } tables || context.Samples is null)
        {
            return DashboardEndpoints.Page<ScoreTable>(new { Scores = diff.Scores });
        }

        var scores = Known(diff);
        if (scores is null)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            patience.CancelAfter(Patience);
            try
            {
                scores = await context.Samples.CompareAsync(diff.Scores, tables.Before, tables.After, patience.Token) ?? diff.Scores;
                if (Compared.Count < Kept)
                {
                    Compared[(tables.Before, tables.After)] = scores;
                }
            }
            catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
            {
                return DashboardEndpoints.Page<ScoreTable>(new { Scores = diff.Scores, Note = $"Comparing query by query took longer than {Patience.TotalSeconds:0} s. On the command line there is time: workflow diff." });
            }
            catch (DataPrepException fault)
            {
                return DashboardEndpoints.Page<ScoreTable>(new { Scores = diff.Scores, Note = fault.Message });
            }
        }

        return DashboardEndpoints.Page<ScoreTable>(new { Scores = scores });
    }

    // A table's path names its content: what was compared once stays so.
    static IReadOnlyList<DiffFigure>? Known(RunDiff diff) => diff.PerQuery is { } tables && Compared.TryGetValue(tables, out var known) ? known : null;

    static List<DiffChoice> Runs(LedgerConnection db, string run) =>
    [
        .. db.Query("""
            SELECT run_id, pipeline, state, created_us FROM (
              SELECT * FROM (SELECT run_id, pipeline, state, created_us FROM run ORDER BY created_us DESC, run_id DESC LIMIT ?2)
              UNION SELECT * FROM (SELECT run_id, pipeline, state, created_us FROM run WHERE pipeline=(SELECT pipeline FROM run WHERE run_id=?1) ORDER BY created_us DESC LIMIT ?2))
            ORDER BY created_us DESC, run_id DESC
            """, r => new DiffChoice(r.Text(0), r.Text(1), r.Text(2), LedgerTime.FromMicros(r.Number(3))), run, Choices),
    ];
}
