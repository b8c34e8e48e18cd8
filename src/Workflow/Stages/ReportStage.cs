using Workflow.Reports;

namespace Workflow.Stages;

/// <summary>Options of the report.</summary>
public sealed record ReportOptions
{
    /// <summary>Title of the page.</summary>
    public string Title { get; init; } = "Retrieval model";

    /// <summary>A sentence or two for readers who do not know the job.</summary>
    public string Description { get; init; } = "";

    /// <summary>What the reported queries are: "member names of types never trained on".</summary>
    public string Collection { get; init; } = "held-out queries";

    /// <summary>Names of the rounds, in the order of the scores.</summary>
    public IReadOnlyList<string> Rounds { get; init; } = [];
}

/// <summary>Everything a person wants to see of a run, as one HTML file that opens without a network.</summary>
sealed class ReportStage : IStage
{
    public string Name => "report";

    public string Version => "2";

    public Type OptionsType => typeof(ReportOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } =
    [
        new("scores", ["scores"], Many: true), new("models", ["model"], Optional: true, Many: true), new("documents", ["documents"], Optional: true), new("rejects", ["rejects"], Optional: true),
        new("duplicates", ["duplicates"], Optional: true), new("pairs", ["pairs"], Optional: true), new("mined", ["mined"], Optional: true, Many: true), new("mining", ["mining"], Optional: true, Many: true),
        new("shards", ["shards"], Optional: true, Many: true), new("embeddings", ["embeddings"], Optional: true, Many: true), new(PromoteStage.Decision, [PromoteStage.Decision], Optional: true),
    ];

    public IReadOnlyList<string> Outputs { get; } = ["report"];

    public async Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var model = new ReportSources(context, Composition.Tables(context), (ReportOptions)context.Options, cancellationToken).Build();
        await ReportBuilder.WriteAsync(model, Path.Combine(context.OutputFolder("report"), "report.html"), cancellationToken);
    }
}
