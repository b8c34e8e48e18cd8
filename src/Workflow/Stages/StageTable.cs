namespace Workflow.Stages;

/// <summary>The stages that job files may name with <c>uses:</c>.</summary>
public sealed class StageTable
{
    readonly SortedDictionary<string, IStage> byName = new(StringComparer.Ordinal);

    /// <summary>A table of these stages; a name that stands twice is a fault of the program.</summary>
    public StageTable(IEnumerable<IStage> stages)
    {
        foreach (var stage in stages)
        {
            byName.Add(stage.Name, stage);
        }
    }

    /// <summary>Every stage of this program: to add one, add a line.</summary>
    public static StageTable Default { get; } = new(
    [
        new IngestStage(), new ImportStage(), new PairsStage(), new VocabularyStage(), new EncodeStage(), new MineStage(), new RescoreStage(), new ShardStage(), new TrainStage(), new MergeStage(), new EvaluateStage(), new PromoteStage(), new ExportStage(), new ReportStage(),
    ]);

    /// <summary>Stages in ordinal order of their names.</summary>
    public IReadOnlyCollection<IStage> All => byName.Values;

    /// <summary>Names in ordinal order.</summary>
    public IReadOnlyCollection<string> Names => byName.Keys;

    /// <summary>The stage of this name; null where there is none.</summary>
    public IStage? Find(string name) => byName.GetValueOrDefault(name);
}
