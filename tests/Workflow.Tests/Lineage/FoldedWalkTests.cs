using Workflow.Dashboard.CachePages;
using Workflow.Dashboard.LineagePages;
using Workflow.Dashboard.Shell;
using Workflow.Dashboard.StoragePages;
using Workflow.Ledger;
using Workflow.Lineage;
using Workflow.Tests.Dashboard;
using Xunit;

namespace Workflow.Tests.Lineage;

/// <summary>Lineage for looking at stays bounded, and so does what pages of data ask.</summary>
public sealed class FoldedWalkTests
{
    [Fact]
    public void Walk_LooksAtFewRows_WhenThousandsOfPartitionsReadAnArtifact()
    {
        using var home = new DataHome();
        home.Ledger.Write(db => Readers(db, home["documents"], 4000));
        var ledger = home.Ledger;
        var steps = 0;
        ledger.Watch = cost => steps += cost.Steps;
        var graph = ledger.Read(db => FoldedWalk.Walk(db, new LineageQuestion(home["documents"]) { Up = false }))!;
        var wide = Assert.Single(graph.Vertices, v => v.Name == "wide");
        Assert.Equal(4000, wide.Parts);
        Assert.Contains(graph.Cuts, c => c.Artifact == home["documents"] && !c.Up);
        Assert.InRange(steps, 1, 100_000);
    }

    [Fact]
    public void Queries_PassOverNoGrowingTable()
    {
        using var home = new DataHome();
        home.Ledger.Write(db => Readers(db, home["documents"], 3000));
        var ledger = home.Ledger;
        var costs = new List<StatementCost>();
        ledger.Watch = costs.Add;
        var (now, paging) = (TimeProvider.System.Micros(), new Paging(null, 20));
        ledger.Read(db =>
        {
            DataSetQueries.Page(db, "", "", paging);
            DataSetQueries.Page(db, "pairs", "pairs", paging);
            DataSetQueries.Versions(db, "catalogue/pairs.pairs", paging);
            DataSetQueries.Growth(db, "catalogue/pairs.pairs");
            ArtifactPageQueries.Artifact(db, home["documents"], 0);
            ArtifactPageQueries.Runs(db, home["documents"]);
            RowSources.Ancestor(db, home["mined"], "documents");
            CacheQueries.MostHit(db, paging);
            CacheQueries.Invalid(db, paging);
            CacheQueries.Newest(db, paging);
            CacheQueries.Why(db, DataHome.Second, "train");
            StorageQueries.Storage(db, now, paging);
            return RunDiffQueries.RunBefore(db, DataHome.Second);
        });
        ledger.Diff(home.Paths, DataHome.First, DataHome.Second);
        Assert.All(costs, c => Assert.True(c.Scanned < 1000 && c.Steps < 60_000, $"{c.Scanned} rows scanned, {c.Steps} steps: {c.Sql}"));
        Assert.NotEmpty(costs);
    }

    static void Readers(LedgerConnection db, string artifact, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (node, attempt) = ($"wide/{i:00000}", $"w-{i:00000}");
            db.Execute("INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, epoch, committed_epoch, param_id) VALUES (?1, ?2, 'wide', 'mine', 'partition', 9, ?3, 'succeeded', 1, 1, 'cold')", DataHome.Third, node, $"{i:00000}");
            db.Execute("INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, started_us) VALUES (?1, ?2, ?3, 1, 'w', 'committed', ?4)", attempt, DataHome.Third, node, TimeProvider.System.Micros());
            db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'in', 'documents', ?2)", attempt, artifact);
        }
    }
}
