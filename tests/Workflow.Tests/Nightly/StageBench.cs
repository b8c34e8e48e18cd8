using DataPrep;
using Workflow.Artifacts;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Nightly;

/// <summary>Runs single stages in this process, without a ledger, and seals what they publish.</summary>
sealed class StageBench : IDisposable
{
    readonly string root = Directory.CreateTempSubdirectory("workflow-stage-").FullName;
    readonly Dictionary<string, string> included = new(StringComparer.Ordinal);
    int runs;

    /// <summary>Folder for files of the test.</summary>
    public string Files => Directory.CreateDirectory(Path.Combine(root, "files")).FullName;

    /// <summary>An empty folder beside them.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(root, $"folder-{runs++}")).FullName;

    /// <summary>What the last stage said of its outputs.</summary>
    public StageReport Report { get; private set; } = new();

    /// <summary>What the last stage logged.</summary>
    public List<string> Logs { get; } = [];

    public void Dispose() => Directory.Delete(root, recursive: true);

    /// <summary>Runs an unpartitioned stage, or all partitions of one and then its gathering.</summary>
    public async Task<IReadOnlyDictionary<string, InputArtifact>> RunAsync(
        IStage stage, object options, IReadOnlyDictionary<string, InputArtifact>? inputs = null, IReadOnlyDictionary<string, InputArtifact>? previous = null, int threads = 2)
    {
        var partitions = stage.Partition(options, new PlanContext(Files, 17, path => ArtifactStore.HashFile(path).Hash)).OrderBy(p => p.Key, StringComparer.Ordinal).ToList();
        var parts = new List<IReadOnlyDictionary<string, InputArtifact>>();
        foreach (var partition in partitions)
        {
            parts.Add(await RunNodeAsync(stage, options, inputs, previous, partition, [], threads));
        }

        return await RunNodeAsync(stage, options, inputs, previous, null, parts, threads);
    }

    public async Task<IReadOnlyDictionary<string, InputArtifact>> RunNodeAsync(
        IStage stage, object options, IReadOnlyDictionary<string, InputArtifact>? inputs, IReadOnlyDictionary<string, InputArtifact>? previous, StagePartition? partition,
        IReadOnlyList<IReadOnlyDictionary<string, InputArtifact>> partitions, int threads = 2)
    {
        var folder = Path.Combine(root, $"run-{runs++}");
        Report = new StageReport();
        Logs.Clear();
        var taken = stage.TakesOver(partition);
        var context = new BenchContext(folder, Report, Logs)
        {
            Options = options,
            Inputs = (inputs ?? new Dictionary<string, InputArtifact>()).ToDictionary(i => i.Key, i => (IReadOnlyList<InputArtifact>)[i.Value], StringComparer.Ordinal),
            Partition = partition,
            Partitions = partitions,
            Files = partition?.Files ?? stage.ExternalFiles(options, new PlanContext(Files, 17, path => ArtifactStore.HashFile(path).Hash)),
            Root = Files,
            Seed = 17,
            Threads = threads,
            Scratch = Directory.CreateDirectory(Path.Combine(folder, "scratch")).FullName,
            Previous = previous is null || taken.Count == 0 ? null : new PreviousOutputs("before", previous.Where(p => taken.Contains(p.Key)).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal)),
        };
        foreach (var artifact in partitions.SelectMany(p => p.Values))
        {
            foreach (var (member, path) in artifact.Manifest.Members.Zip(artifact.Paths))
            {
                included[member.Hash] = path;
            }
        }

        await stage.RunAsync(context, TestContext.Current.CancellationToken);
        return stage.Outputs.ToDictionary(slot => slot, slot => Seal(slot, folder), StringComparer.Ordinal);
    }

    InputArtifact Seal(string slot, string folder)
    {
        var artifact = Sealer.Seal(slot, Path.Combine(folder, slot), Path.Combine(folder, "manifests", slot + ".json"), Report);
        var staged = artifact.Files.Where(f => f.Staged is not null).DistinctBy(f => f.Hash).ToDictionary(f => f.Hash, f => f.Staged!, StringComparer.Ordinal);
        return new InputArtifact(artifact.Id, artifact.Manifest, [.. artifact.Manifest.Members.Select(m => staged.GetValueOrDefault(m.Hash) ?? included[m.Hash])]);
    }

    sealed class BenchContext(string folder, StageReport report, List<string> logs) : StageContext
    {
        public override string OutputFolder(string slot) => Directory.CreateDirectory(Path.Combine(folder, slot)).FullName;

        public override void Describe(string slot, string name, long? rows, string? logicalHash) => report.Describe(slot, name, rows, logicalHash);

        public override void Meta(string slot, string key, string value) => report.SetMeta(slot, key, value);

        public override void Include(string slot, InputArtifact artifact, string member, string name) => report.Include(slot, artifact.Manifest, member, name);

        public override void Progress(StageProgress progress)
        {
        }

        public override void Metric(string key, long step, double value)
        {
        }

        public override void Histogram(string key, long step, double low, double high, IReadOnlyList<long> counts, IReadOnlyDictionary<string, double>? figures = null)
        {
        }

        public override void Event(string type, string payload)
        {
        }

        public override void CountReuse(string words, long total, long anew) => report.CountReuse(words, total, anew);

        public override void Log(string line) => logs.Add(line);

        public override void Checkpoint(long step, string cursorJson, string folder, double? metric) => Directory.Delete(folder, recursive: true);
    }
}
