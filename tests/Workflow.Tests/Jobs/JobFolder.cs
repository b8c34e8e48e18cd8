using Workflow.Jobs;

namespace Workflow.Tests.Jobs;

/// <summary>A repository of its own with one job file, deleted at the end.</summary>
sealed class JobFolder : IDisposable
{
    public JobFolder()
    {
        Root = Directory.CreateTempSubdirectory("workflow-jobs-").FullName;
        Directory.CreateDirectory(Path.Combine(Root, ".git"));
        Directory.CreateDirectory(Path.Combine(Root, "jobs"));
    }

    public string Root { get; }

    /// <summary>A complete job over the sample stages; stages begin in line 7.</summary>
    public const string Good = """
        job: sample
        description: A small job.
        seed: 5
        parameters:
          corpus: { default: data/a.jsonl, description: What to read. }
        stages:
          documents:
            uses: ingest
            with: { files: ["${corpus}"] }
          pairs:
            uses: pairs
            from: { documents: documents }
          train:
            uses: train
            with:
              temperature: 0.07
              flavour: hard-negatives
              schedule: { warm_up: 0.2 }
            from: { pairs: pairs.pairs }
            max_tries: 2
            timeout: 1h30m
        """;

    /// <summary>Reads a text as jobs/job.yaml, with the repository as the current folder.</summary>
    public JobReading Read(string text, params string[] sets)
    {
        File.WriteAllText(Path.Combine(Root, "jobs", "job.yaml"), text);
        return JobFileReader.Read("jobs/job.yaml", SampleStage.Table, sets, Root);
    }

    /// <summary>The faults of a text, as printed.</summary>
    public IReadOnlyList<string> Faults(string text, params string[] sets) => [.. Read(text, sets).Faults.Select(f => f.ToString())];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
