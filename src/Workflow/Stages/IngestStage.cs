using System.ComponentModel.DataAnnotations;
using DataPrep.Cleaning;
using DataPrep.Readers;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>How the files of a corpus become partitions.</summary>
public enum IngestPartition
{
    /// <summary>Files are put together, in order, until they have the size of a partition: few partitions, but a file that comes or goes shifts those after it.</summary>
    Size,

    /// <summary>Every file is a partition of its own: files that come or go leave the others untouched.</summary>
    File,
}

/// <summary>Options of ingest.</summary>
public sealed record IngestStageOptions
{
    /// <summary>Files, folders or patterns of the corpus, .gz too; <c>dotnet-sdk</c> stands for the API reference of the installed .NET SDK.</summary>
    [FilePath]
    [MinLength(1)]
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>dotnet-xmldoc, jsonl, beir, csv or tsv.</summary>
    public required string Format { get; init; }

    /// <summary>How rows are read.</summary>
    public ReaderOptions Reader { get; init; } = new();

    /// <summary>How text is cleaned.</summary>
    public CleaningOptions Cleaning { get; init; } = new();

    /// <summary>How partitions become one corpus.</summary>
    public GatherOptions Gather { get; init; } = new();

    /// <summary>How files become partitions; each partition is read, retried and reused by itself. <c>file</c> for a corpus that files are added to.</summary>
    /// <value>Default: size.</value>
    [Operational]
    public IngestPartition Partition { get; init; }

    /// <summary>With <c>partition: size</c>, files are put together, in order, into partitions of about this many MiB.</summary>
    /// <value>Default: 32.</value>
    [Operational]
    [Range(0.001, 65536)]
    public double PartitionMib { get; init; } = 32;
}

/// <summary>Sources to cleaned documents, rejects with reasons and duplicate clusters.</summary>
sealed class IngestStage : IStage
{
    public string Name => "ingest";

    public string Version => "1";

    public Type OptionsType => typeof(IngestStageOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [];

    public IReadOnlyList<string> Outputs { get; } = ["documents", "rejects", "duplicates"];

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan)
    {
        var ingest = (IngestStageOptions)options;
        // The job's paths were checked against its allowed roots when it was read; what a folder links to must still stay inside the folder.
        var allowed = ingest.Sources.Select(s => Path.GetFullPath(s, plan.Root)).Append(plan.Root).ToList();
        var files = SourceFiles.Resolve(plan.Root, ingest.Sources, ReaderTable.Get(ingest.Format), allowed);
        if (ingest.Partition == IngestPartition.File)
        {
            return [.. files.Select(f => FilePartition.Of(f, plan.Hash(f.Path)))];
        }

        var partitions = new List<StagePartition>();
        var current = new List<ExternalFile>();
        var bytes = 0L;
        foreach (var file in files)
        {
            current.Add(new ExternalFile(file.Path, file.Name, plan.Hash(file.Path)));
            bytes += new FileInfo(file.Path).Length;
            if (bytes >= ingest.PartitionMib * (1 << 20) || file == files[^1])
            {
                partitions.Add(new StagePartition(partitions.Count.ToString("D5"), "{}", [.. current]));
                (current, bytes) = ([], 0);
            }
        }

        return partitions;
    }

    public IReadOnlyList<string> TakesOver(StagePartition? partition) => partition is null ? ["documents"] : [];

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (IngestStageOptions)context.Options;
        var store = Composition.Tables(context);
        if (context.Partition is { } partition)
        {
            var files = partition.Files.Select(f => new CorpusFile(f.Path, f.Name, f.Hash)).ToList();
            var read = new IngestOptions { Format = options.Format, Reader = options.Reader, Cleaning = options.Cleaning };
            var part = IngestPart.Run(files, read, context.OutputFolder("documents"), context.OutputFolder("rejects"), store, context.Reporter(), cancellationToken);
            Describe(("documents", part.Documents), ("rejects", part.Rejects));
            context.OutputFolder("duplicates");
            FilePartition.Mark(context, partition);
            return Task.CompletedTask;
        }

        var parts = FilePartition.InCorpusOrder(context.Partitions);
        var gathered = IngestGather.Run(
            [.. parts.SelectMany(p => p["documents"].Paths)], [.. parts.SelectMany(p => p["rejects"].Paths)], options.Gather,
            context.OutputFolder("documents"), context.OutputFolder("rejects"), context.OutputFolder("duplicates"), store, context.Reporter(), cancellationToken);
        Describe(("documents", gathered.Documents), ("rejects", gathered.Rejects), ("duplicates", gathered.Duplicates));
        Compare();
        return Task.CompletedTask;

        void Compare()
        {
            var now = gathered.Documents.Select(f => Path.Combine(context.OutputFolder("documents"), f.Name)).ToList();
            var change = CorpusChange.Of(store, context.Previous?.Slots["documents"].Paths ?? [], now, cancellationToken);
            context.CountReuse("documents new or changed", change.Documents, change.New + change.Changed);
            if (context.Previous is { } previous)
            {
                context.Log($"since run {previous.RunId}: {change}");
            }
        }

        void Describe(params ReadOnlySpan<(string Slot, IReadOnlyList<DataPrep.Tables.TableFile> Files)> slots)
        {
            foreach (var (slot, written) in slots)
            {
                foreach (var file in written)
                {
                    context.Describe(slot, file);
                }
            }
        }
    }
}
