using DataPrep;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Goes from a row of pairs, negatives or shards to the document it names and on to the row of the source file. Each look at a table is given up after a few seconds.</summary>
sealed class RowTracer(DashboardContext context)
{
    const int MostDocuments = 3;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);
    static readonly (string Column, string Words)[] DocumentColumns = [("doc_id", "Document"), ("positive_doc_id", "Document of the positive"), ("negative_doc_id", "Document of the negative")];

    /// <summary>The way back from a row.</summary>
    public async Task<RowTrace> TraceAsync(ArtifactRow artifact, ManifestMember member, long row, CancellationToken cancellationToken)
    {
        var steps = new List<TraceStep>();
        var (found, note) = await AskAsync(async (samples, token) => await samples.ReadFromAsync(artifact.Kind, member, context.Paths.Blob(member.Hash), row, 1, token), cancellationToken);
        var title = $"Row {row:#,0} of {artifact.Kind}";
        if (found?.Rows is not [var cells])
        {
            return new RowTrace([new TraceStep(title, member.Name, Shell.Address.Artifact(artifact.Id), [], note ?? $"The file has no row {row:#,0}: it has {member.Rows ?? 0:#,0}, counted from 0.")]);
        }

        var fields = found.Columns.Zip(cells).ToList();
        steps.Add(new TraceStep(title, member.Name, Shell.Address.Artifact(artifact.Id), fields));
        var values = fields.ToDictionary(f => f.First, f => f.Second, StringComparer.Ordinal);
        if (artifact.Kind == "documents")
        {
            steps.Add(await SourceAsync(artifact.Id, values, cancellationToken));
            return new RowTrace(steps);
        }

        if (values.ContainsKey("negative_doc_id") && values.TryGetValue("query_id", out var query) && Ancestor(artifact.Id, "pairs") is { } pairs)
        {
            steps.AddRange(await FindAsync("Pair", pairs, "query_id", query, cancellationToken));
        }

        var documents = Ancestor(artifact.Id, "documents");
        foreach (var (column, words) in DocumentColumns.Where(c => values.GetValueOrDefault(c.Column) is { Length: > 0 }))
        {
            if (documents is null)
            {
                steps.Add(new TraceStep(words, values[column], null, [], "No documents are among what this artifact was made from."));
                continue;
            }

            foreach (var step in await FindAsync(words, documents, "doc_id", values[column], cancellationToken))
            {
                steps.Add(step);
                if (step.Fields.Count > 0)
                {
                    steps.Add(await SourceAsync(documents, step.Fields.ToDictionary(f => f.Name, f => f.Value, StringComparer.Ordinal), cancellationToken));
                }
            }
        }

        return new RowTrace(steps);
    }

    async Task<List<TraceStep>> FindAsync(string title, string artifact, string column, string value, CancellationToken cancellationToken)
    {
        var paths = context.Ledger.Read(db => RowSources.Tables(db, artifact)).ConvertAll(context.Paths.Blob);
        var (place, link) = ($"{column} {value}", Shell.Address.Artifact(artifact));
        if (paths.Find(p => !File.Exists(p)) is not null)
        {
            return [new TraceStep(title, place, link, [], "Some of the files are no longer in the store.")];
        }

        var (found, note) = await AskAsync(async (samples, token) => await samples.FindAsync(paths, column, value, MostDocuments, token), cancellationToken);
        return found is null || found.Rows.Count == 0 ? [new TraceStep(title, place, link, [], note ?? $"No row has {column} {value}.")]
            : [.. found.Rows.Select(cells => new TraceStep(title, place, link, [.. found.Columns.Zip(cells)]))];
    }

    async Task<TraceStep> SourceAsync(string documents, Dictionary<string, string> document, CancellationToken cancellationToken)
    {
        if (!document.TryGetValue("source", out var source) || !long.TryParse(document.GetValueOrDefault("source_row"), out var row))
        {
            return new TraceStep("Source row", "", null, [], "The document does not name its source.");
        }

        var place = $"{source}, row {row:#,0}";
        var file = context.Ledger.Read(db => RowSources.File(db, documents, source));
        var fields = new List<(string, string)> { ("file", source), ("row", row.ToString()) };
        if (file is null)
        {
            return new TraceStep("Source row", place, null, fields, "No plan of a run names this file.");
        }

        fields.Add(("SHA-256 when it was read", file.Value.File.Hash));
        var (line, note) = await SourceLine.ReadAsync(file.Value.File.Path, row, cancellationToken);
        if (line is not null)
        {
            fields.Add(("the row as it is now", line));
        }

        return new TraceStep("Source row", place, Format.NodeAddress(file.Value.Run, file.Value.Node), fields, note);
    }

    string? Ancestor(string artifact, string kind) => context.Ledger.Read(db => RowSources.Ancestor(db, artifact, kind));

    async Task<(SampleRows? Rows, string? Note)> AskAsync(Func<IArtifactSamples, CancellationToken, Task<SampleRows?>> ask, CancellationToken cancellationToken)
    {
        if (context.Samples is not { } samples)
        {
            return (null, "This dashboard was started without a reader of tables.");
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return (await ask(samples, patience.Token), null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"It was not found within {Patience.TotalSeconds:0} s. On the command line there is time: workflow query \"SELECT ...\".");
        }
        catch (Exception fault) when (fault is DataPrepException or IOException)
        {
            return (null, fault.Message);
        }
    }
}
