using DataPrep;
using Workflow.Artifacts;

namespace Workflow.Stages;

/// <summary>
/// A kind of work that job files name with <c>uses:</c>. One small file per stage wraps a plain call of a lower floor; one line in <c>StageTable</c> registers it.
/// </summary>
public interface IStage
{
    /// <summary>Name in job files: ingest, pairs, train.</summary>
    string Name { get; }

    /// <summary>Version of what it computes: part of the memo key; raised whenever the same inputs and options would give other bytes.</summary>
    string Version { get; }

    /// <summary>Names what else decides its bytes beyond <see cref="Version"/> (a library's version, a template's hash); part of the memo key. Empty: nothing else.</summary>
    string Code => "";

    /// <summary>Slot class it takes while it runs: "cpu" or "gpu".</summary>
    string SlotClass(object options) => "cpu";

    /// <summary>Record type of <c>with:</c>; properties are snake_case in YAML, data annotations check them, [Operational] ones stay out of the memo key.</summary>
    Type OptionsType { get; }

    /// <summary>Input slots.</summary>
    IReadOnlyList<InputSlot> Inputs { get; }

    /// <summary>Output slots: artifact kind by slot name. Every slot is published by every attempt, possibly with no rows.</summary>
    IReadOnlyList<string> Outputs { get; }

    /// <summary>Whether it runs in a child process (it loads native libraries); false runs it in the host.</summary>
    bool ChildProcess => true;

    /// <summary>Whether equal inputs need an equal environment class (threads, BLAS, libtorch, device) to give equal bytes: it then enters the memo key.</summary>
    bool EnvironmentSensitive => false;

    /// <summary>
    /// Splits the work before it starts: each partition becomes a node of its own, `stage/key`, and the stage's own node gathers them. Empty: one node does all.
    /// External files a partition reads are hashed here, so that a changed row changes just that partition's key.
    /// </summary>
    IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => [];

    /// <summary>External files this stage reads when it is not partitioned; their content hashes enter the memo key.</summary>
    IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan) => [];

    /// <summary>
    /// Output slots of its own last run to the end that it can take results over from (<see cref="StageContext.Previous"/>), so that only what is new is computed. None: it computes everything.
    /// Taking over must give the bytes that computing anew gives: the memo key knows nothing of it.
    /// </summary>
    /// <param name="partition">The partition to do; null for an unpartitioned stage and for the gathering node.</param>
    IReadOnlyList<string> TakesOver(StagePartition? partition) => [];

    /// <summary>Does the work: reads <see cref="StageContext.Inputs"/>, writes every output slot, reports progress, honours cancellation.</summary>
    Task RunAsync(StageContext context, CancellationToken cancellationToken);
}

/// <summary>An input of a stage.</summary>
/// <param name="Name">Slot name, the key under <c>from:</c>.</param>
/// <param name="Kinds">Artifact kinds it takes.</param>
/// <param name="Optional">May be left out.</param>
/// <param name="Many">Takes several artifacts (<c>from: {models: [a, b]}</c>).</param>
public sealed record InputSlot(string Name, IReadOnlyList<string> Kinds, bool Optional = false, bool Many = false);

/// <summary>One partition of a stage.</summary>
/// <param name="Key">Stable key, safe in file names: "00003".</param>
/// <param name="Semantic">What distinguishes it in the memo key, as canonical JSON ("{}" where <paramref name="Files"/> say it all).</param>
/// <param name="Files">External files it reads.</param>
public sealed record StagePartition(string Key, string Semantic, IReadOnlyList<ExternalFile> Files);

/// <summary>A file outside the store that a stage reads.</summary>
/// <param name="Path">Absolute path on this machine (never published).</param>
/// <param name="Name">Name relative to the source's root, with forward slashes: what rows and memo keys carry.</param>
/// <param name="Hash">Lower-case hex SHA-256 of its bytes at planning time; reading other bytes fails the attempt.</param>
public sealed record ExternalFile(string Path, string Name, string Hash);

/// <summary>What planning may look at.</summary>
/// <param name="Root">Folder that relative paths of the job file start from.</param>
/// <param name="Seed">The job's seed.</param>
/// <param name="Hash">Hashes a file (cached within the plan).</param>
public sealed record PlanContext(string Root, long Seed, Func<string, string> Hash);

/// <summary>An artifact given to a stage: its manifest and where its files lie.</summary>
/// <param name="Id">Hash of the manifest.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Paths">Absolute path of each member, same order.</param>
public sealed record InputArtifact(string Id, Manifest Manifest, IReadOnlyList<string> Paths)
{
    /// <summary>Path of the member with this name.</summary>
    /// <exception cref="WorkflowException">No such member.</exception>
    public string PathOf(string name)
    {
        for (var i = 0; i < Manifest.Members.Count; i++)
        {
            if (Manifest.Members[i].Name == name)
            {
                return Paths[i];
            }
        }

        throw new WorkflowException($"Artifact {Id[..12]} ({Manifest.Kind}) has no file '{name}'. Found: {string.Join(", ", Manifest.Members.Select(m => m.Name))}.");
    }
}

/// <summary>A checkpoint handed back to a resumed attempt, newest first.</summary>
public sealed record ResumeCheckpoint(long Step, string CursorJson, InputArtifact Artifact);

/// <summary>What a stage published when it last ran to its end in this home under the same job, options, code and environment class.</summary>
/// <param name="RunId">The run that computed it.</param>
/// <param name="Slots">Its artifacts by output slot, every file found sound: those that <see cref="IStage.TakesOver"/> names.</param>
public sealed record PreviousOutputs(string RunId, IReadOnlyDictionary<string, InputArtifact> Slots);

/// <summary>What a stage is given to do its work.</summary>
public abstract class StageContext
{
    /// <summary>The checked options, of <see cref="IStage.OptionsType"/>.</summary>
    public required object Options { get; init; }

    /// <summary>Inputs by slot; a slot left out is absent.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<InputArtifact>> Inputs { get; init; }

    /// <summary>The partition to do; null for an unpartitioned stage and for the gathering node.</summary>
    public StagePartition? Partition { get; init; }

    /// <summary>For the gathering node: what each partition published, in key order, by output slot.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, InputArtifact>> Partitions { get; init; } = [];

    /// <summary>External files of this node.</summary>
    public IReadOnlyList<ExternalFile> Files { get; init; } = [];

    /// <summary>Folder that relative paths of the job file start from.</summary>
    public required string Root { get; init; }

    /// <summary>The job's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The job's thread count.</summary>
    public required int Threads { get; init; }

    /// <summary>Checkpoints of earlier attempts of this node, newest first; a damaged one is skipped by the stage.</summary>
    public IReadOnlyList<ResumeCheckpoint> Checkpoints { get; init; } = [];

    /// <summary>Earlier results to take over from; null where there are none. A hint: outputs are the same bytes with and without it.</summary>
    public PreviousOutputs? Previous { get; init; }

    /// <summary>Folder for scratch files; deleted after the attempt.</summary>
    public required string Scratch { get; init; }

    /// <summary>Folder into which the files of an output slot are written. Files are published by their relative names.</summary>
    public abstract string OutputFolder(string slot);

    /// <summary>States facts of a written file: rows and logical hash (tables); files never described count as their own content.</summary>
    public abstract void Describe(string slot, string name, long? rows, string? logicalHash);

    /// <summary>Puts a fact into the manifest of an output slot.</summary>
    public abstract void Meta(string slot, string key, string value);

    /// <summary>Publishes files of an input artifact again under an output slot without copying them (a gathering node listing its partitions' files).</summary>
    public abstract void Include(string slot, InputArtifact artifact, string member, string name);

    /// <summary>Reports progress; cheap, may be called often.</summary>
    public abstract void Progress(StageProgress progress);

    /// <summary>Adds a point of a metric series.</summary>
    public abstract void Metric(string key, long step, double value);

    /// <summary>Adds a histogram at a step: equal-width bins from <paramref name="low"/> to <paramref name="high"/>.</summary>
    /// <param name="key">Its series.</param>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="low">Lower end of the first bin.</param>
    /// <param name="high">Upper end of the last.</param>
    /// <param name="counts">How many fell into each bin.</param>
    /// <param name="figures">Figures of the sample itself, not of its bins, by name (p5, p50, mean, ...); null for none.</param>
    public abstract void Histogram(string key, long step, double low, double high, IReadOnlyList<long> counts, IReadOnlyDictionary<string, double>? figures = null);

    /// <summary>Puts something that happened into the ledger's history, under this attempt's fence.</summary>
    /// <param name="type">Its type: training.out_of_memory.</param>
    /// <param name="payload">A JSON object that says what; "step" where it happened at one.</param>
    public abstract void Event(string type, string payload);

    /// <summary>Says how much was computed anew and how much taken over from <see cref="Previous"/>: <c>why</c> shows it, no artifact holds it.</summary>
    /// <param name="words">What was counted, as a sentence goes on after "12 of 340": "documents encoded anew".</param>
    /// <param name="total">How many there are.</param>
    /// <param name="anew">How many of them were not taken over.</param>
    public abstract void CountReuse(string words, long total, long anew);

    /// <summary>Writes a line to the attempt's log.</summary>
    public abstract void Log(string line);

    /// <summary>
    /// Makes a checkpoint durable: <paramref name="folder"/> holds its files, written and flushed; when this returns the ledger has it, and the folder is gone.
    /// </summary>
    /// <param name="step">Optimizer steps done.</param>
    /// <param name="cursorJson">Data cursor and what a person wants to see of it.</param>
    /// <param name="folder">Folder below <see cref="Scratch"/>.</param>
    /// <param name="metric">Value that decides which checkpoint is best (higher is better); null where not evaluated.</param>
    public abstract void Checkpoint(long step, string cursorJson, string folder, double? metric);
}
