using System.ComponentModel;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api;

/// <summary>Reads of artifacts, data sets and lineage.</summary>
static class DataApi
{
    const string RefText = "An artifact's hash or a unique beginning of it, RUN/STAGE.SLOT, or STAGE.SLOT of the newest run";
    const string DirectionText = "up: what it was made from (the default); down: what was made from it";
    const string AfterText = "`next` of the page before";

    /// <summary>Maps them.</summary>
    public static void Map(ApiRoutes api)
    {
        const string tag = "Data";
        var (context, ledger) = (api.Context, api.Context.Ledger);
        var reads = new LedgerReads(context.Paths, context.Options.Time, ledger);

        api.Get(tag, "/artifacts", "Artifacts, newest first", ([Description("Only of this kind")] string? kind, [Description(AfterText)] string? after, [Description("Rows at most, 1 to 1,000; 50 unless given")] int? limit) =>
        {
            var (cursor, size) = (ApiCursor.Read(after, "nt"), ApiCursor.Limit(limit, 50, 1000));
            var rows = ledger.Read(db => DataReads.Artifacts(db, kind, cursor is [long created, string hash] ? (created, hash) : null, size + 1));
            return new Listing<ArtifactItem>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Created.Micros(), rows[size - 1].Hash) : null);
        });
        api.Get(tag, "/artifacts/{hash}", "An artifact with its files, who made it and who read it", ([Description("Its hash, or a unique beginning of it")] string hash) => One(ledger, hash));
        api.Get(tag, "/artifacts/{hash}/sample", "The first rows of one of its files", async (
            [Description("Its hash, or a unique beginning of it")] string hash, [Description("A file of it; its first table unless given")] string? file,
            [Description("Rows at most, 1 to 200; 20 unless given")] int? limit, CancellationToken cancellationToken) =>
        {
            var (size, artifact) = (ApiCursor.Limit(limit, 20, 200), One(ledger, hash));
            var member = ledger.Read(db => LineagePages.ArtifactQueries.Artifact(db, artifact.Artifact.Hash))!.Members.FirstOrDefault(m => file is null ? m.Rows is not null : m.Name == file)
                ?? throw ApiFault.Nothing(file is null ? $"Artifact {artifact.Artifact.Hash} has no table among its files." : $"Artifact {artifact.Artifact.Hash} has no file '{file}'.");
            var rows = context.Samples is null ? null : await context.Samples.ReadAsync(artifact.Artifact.Kind, member, context.Paths.Blob(member.Hash), size, cancellationToken);
            return rows is null ? throw ApiFault.Unfit($"The file {member.Name} is no table that this server can read rows of.") : new SampleView(member.Name, rows.Columns, rows.Rows);
        });

        api.Get(tag, "/datasets", "Data sets by name, each with its newest version", ([Description(AfterText)] string? after, [Description("Rows at most, 1 to 500; 100 unless given")] int? limit) =>
        {
            var (cursor, size) = (ApiCursor.Read(after, "t"), ApiCursor.Limit(limit, 100, 500));
            var rows = ledger.Read(db => DataReads.Datasets(db, cursor is [string name] ? name : null, size + 1));
            return new Listing<DatasetItem>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Dataset) : null);
        });
        api.Get(tag, "/datasets/{dataset}", "Versions of a data set, newest first", ([Description("Its name")] string dataset, [Description(AfterText)] string? after, [Description("Rows at most, 1 to 1,000; 100 unless given")] int? limit) =>
        {
            var (cursor, size) = (ApiCursor.Read(after, "n"), ApiCursor.Limit(limit, 100, 1000));
            var rows = ledger.Read(db => DataReads.Versions(db, dataset, cursor is [long seq] ? seq : long.MaxValue, size + 1));
            return rows.Count == 0 && cursor is null
                ? throw ApiFault.Nothing($"There is no data set '{dataset}' in this home: a job's `datasets:` declares one, and its runs make versions.")
                : new Listing<VersionItem>([.. rows.Take(size)], rows.Count > size ? Cursor.Of(rows[size - 1].Seq) : null);
        });

        api.Get(tag, "/lineage", "What an artifact was made from, or what was made from it", (
            [Description(RefText)] string @ref, [Description(DirectionText)] string? direction, CancellationToken cancellationToken) => reads.LineageAsync(@ref, Down(direction), cancellationToken));
        api.Get(tag, "/lineage/openlineage", "The same as OpenLineage run events, one a line", async (
            [Description(RefText)] string @ref, [Description(DirectionText)] string? direction, CancellationToken cancellationToken) =>
            Results.Text(string.Concat((await reads.OpenLineageAsync(@ref, Down(direction), cancellationToken)).Select(l => l + "\n")), ApiStream.Lines))
            .Produces<System.Text.Json.Nodes.JsonObject>(StatusCodes.Status200OK, ApiStream.Lines);
    }

    static ArtifactView One(LedgerDb ledger, string hash) => ledger.Read(db => DataReads.One(db, DataReads.Resolve(db, hash) ?? hash)) ?? throw ApiFault.Nothing($"No artifact '{hash}' in this home, or several begin so.");

    static bool Down(string? direction) => direction switch
    {
        null or "up" => false,
        "down" => true,
        _ => throw ApiFault.Unfit($"direction: found '{direction}'; expected up or down."),
    };
}
