using Workflow.Dashboard.RunPages;
using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>All that the page of a training shows beside its curves.</summary>
/// <param name="Run">Its run.</param>
/// <param name="NodeId">Its stage.</param>
/// <param name="State">State of the stage.</param>
/// <param name="Device">cpu, cuda, ...</param>
/// <param name="Attempt">The newest attempt, or null.</param>
/// <param name="Story">What happened to it.</param>
/// <param name="Checkpoints">Checkpoints, newest first.</param>
/// <param name="Inputs">What it was trained on.</param>
/// <param name="Outputs">What it published.</param>
/// <param name="Latest">The last value of each series, by key.</param>
/// <param name="Cosines">Histograms of cosines by kind, thinned.</param>
public sealed record TrainingModel(RunRow Run, string NodeId, string State, string Device, AttemptRow? Attempt, TrainingStory Story, IReadOnlyList<CheckpointRow> Checkpoints,
    IReadOnlyList<SlotRow> Inputs, IReadOnlyList<SlotRow> Outputs, IReadOnlyDictionary<string, (long Step, double Value)> Latest, IReadOnlyList<CosineHistory> Cosines)
{
    /// <summary>The run that computed it, where it was reused; its curves are there.</summary>
    public string? ReusedFrom { get; init; }

    /// <summary>Value of the best evaluation, or null.</summary>
    public double? BestValue { get; init; }

    /// <summary>The report of its run, or null.</summary>
    public string? Report { get; init; }

    /// <summary>Named slots that its model is in.</summary>
    public IReadOnlyList<string> Slots { get; init; } = [];
}

/// <summary>Histograms of one kind of cosines over steps.</summary>
/// <param name="Kind">positive, in_batch, hard_negative.</param>
/// <param name="Low">Lower end of the first bin.</param>
/// <param name="High">Upper end of the last.</param>
/// <param name="Columns">In ascending order of step; the last is the newest.</param>
public sealed record CosineHistory(string Kind, double Low, double High, IReadOnlyList<HeatColumn> Columns);
