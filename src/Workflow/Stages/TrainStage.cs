using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Training;
using Trainer.Training.Guides;

namespace Workflow.Stages;

/// <summary>Options of training: what lower floors take, and how held-out queries see the documents.</summary>
public sealed record TrainStageOptions
{
    /// <summary>Training itself.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>What of a document held-out queries search while training.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Collections that the model is measured on while it is trained, beside the held-out queries: independent ones tell what the loss does not.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<WatchedFolder> Collections { get; init; } = [];
}

/// <summary>Shards and a tokenizer to a model; checkpoints while it runs.</summary>
sealed class TrainStage : IStage
{
    const string Guide = "guide", Teacher = "teacher", CrossEncoderSlot = "cross_encoder";

    public string Name => "train";

    public string Version => "2";

    public string SlotClass(object options) => ((TrainStageOptions)options).Training.Device == "cpu" ? "cpu" : "gpu";

    public Type OptionsType => typeof(TrainStageOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } =
    [
        new("shards", ["shards"]), new("tokenizer", ["tokenizer"], Optional: true), new("initial", ["model"], Optional: true),
        new("pairs", ["pairs"], Optional: true), new("documents", ["documents"], Optional: true),
        new(Guide, ["model", "embeddings"], Optional: true), new(Teacher, [RescoreStage.Kind], Optional: true), new(CrossEncoderSlot, ["model"], Optional: true),
    ];

    public IReadOnlyList<string> Outputs { get; } = ["model"];

    public bool EnvironmentSensitive => true;

    public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan) => [.. ((TrainStageOptions)options).Collections.SelectMany(c => c.Files(plan))];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (TrainStageOptions)context.Options;
        var store = Composition.Tables(context);
        var shards = context.Artifact("shards")!;
        var initial = context.Artifact("initial")?.Files();
        var tokenizer = initial ?? context.Artifact("tokenizer")?.Files()
            ?? throw new WorkflowException("A new model needs a tokenizer: give `from: {tokenizer: ...}`, or an initial model, whose own is used.");
        var guide = context.Artifact(Guide);
        var teacher = context.Artifact(Teacher);
        var scores = teacher is null ? null : TeacherScores.Read(store, teacher.Paths, cancellationToken);
        var (rows, _, _) = ShardedRows.Read(store, shards.Files(), tokenizer, initial, options.Training, context.Threads, scores, keepTexts: guide is not null, cancellationToken);
        var inputs = new TrainInputs
        {
            Rows = rows,
            DataDigest = shards.Id,
            Tokenizer = tokenizer,
            InitialModel = initial,
            Collections = [.. options.Collections.Select(c => c.Read(context, cancellationToken))],
            CrossEncoder = context.Artifact(CrossEncoderSlot)?.Files(),
            Guide = guide is null ? null : device => OpenGuide(guide, initial, rows, options.Training, store, device, context.Threads, cancellationToken),
            GuideDigest = guide?.Id ?? "",
            TeacherDigest = teacher?.Id ?? "",
            Dev = Dev(context.Paths("documents"), context.Paths("pairs"), options, store, cancellationToken),
            Seed = context.Seed,
            Threads = context.Threads,
            Scratch = context.Scratch,
            Output = context.OutputFolder("model"),
            Checkpoints = [.. context.Checkpoints.Select(c => c.Artifact.Files())],
        };
        var result = TrainLoop.Run(inputs, options.Training, new Observer(context), cancellationToken);
        context.Meta("model", "steps", result.Steps.ToString());
        context.Meta("model", "digest", result.ModelDigest);
        if (result.Contradictions.Count > 0)
        {
            context.Meta("model", "contradicts_initial", string.Join("; ", result.Contradictions));
        }
        return Task.CompletedTask;
    }

    static IGuide OpenGuide(
        InputArtifact guide, FileSet? initial, TrainingSet rows, TrainOptions options, ITableStore store, TorchSharp.torch.Device device, int threads, CancellationToken cancellationToken)
    {
        var student = initial is null ? null : ModelFolder.Digest(initial);
        return guide.Manifest.Kind == "model"
            ? ModelGuide.Load(guide.Files(), rows, options.Guide, student, device, threads, cancellationToken)
            : PrecomputedGuide.Load(
                store, [guide.PathOf("queries.parquet")], [guide.PathOf("documents.parquet")], guide.Manifest.Meta.GetValueOrDefault("model") ?? guide.Id, rows, options.Guide, student, device, cancellationToken);
    }

    /// <summary>Held-out queries over the documents; null where either is not given.</summary>
    internal static RetrievalCollection? Dev(
        IReadOnlyList<string> documents, IReadOnlyList<string> pairs, TrainStageOptions options, ITableStore store, CancellationToken cancellationToken) =>
        documents.Count == 0 || pairs.Count == 0 ? null : RetrievalCollection.FromPairs(
            RowTables.Documents.Read(store, documents, cancellationToken).ToList(), options.Passage, RowTables.Pairs.Read(store, pairs, cancellationToken), "dev");

    sealed class Observer(StageContext context) : ITrainObserver
    {
        public void Progress(StageProgress progress) => context.Progress(progress);

        public void Metric(string key, long step, double value) => context.Metric(key, step, value);

        public void Log(string line) => context.Log(line);

        public void Event(TrainEvent happened)
        {
            context.Log($"{happened.Kind}: {happened.Text}");
            context.Event(TrainingPayload.EventPrefix + happened.Kind, TrainingPayload.Of(happened));
        }

        public void Histogram(CosineHistogram histogram) =>
            context.Histogram(TrainingPayload.CosineSeries + histogram.Kind, histogram.Step, -1, 1, histogram.Counts, TrainingPayload.Figures(histogram));

        public void Mark(TrainingMark mark)
        {
            var action = mark.Kind == TrainingMarks.Action;
            if (action)
            {
                context.Log($"{mark.Name}: {mark.Text}");
            }

            context.Event(TrainingPayload.EventPrefix + (action ? mark.Name : mark.Kind), TrainingPayload.Of(mark));
        }

        public void Checkpoint(long step, string cursorJson, string folder, double? metric) => context.Checkpoint(step, cursorJson, folder, metric);
    }
}
