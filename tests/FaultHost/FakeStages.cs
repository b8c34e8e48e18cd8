using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using DataPrep;
using Workflow.Runs;
using Workflow.Stages;

namespace FaultHost;

/// <summary>Stages that do little, deterministically: three outputs at once; a reader with one partition per file; a sorter; a trainer with checkpoints.</summary>
public static class FakeStages
{
    /// <summary>The table.</summary>
    /// <param name="versions">Versions other than 1.</param>
    public static StageTable Table(IReadOnlyDictionary<string, string>? versions = null)
    {
        string Version(string name) => versions?.GetValueOrDefault(name) ?? "1";
        IStage[] stages =
        [
            new FakeStage("three", [], ["alpha", "beta", "gamma"], ThreeAsync) { Version = Version("three") },
            new FakeStage("read", [], ["rows"], ReadAsync) { Version = Version("read"), Partitions = FilesOf },
            new FakeStage("child-read", [], ["rows"], ReadAsync) { Version = Version("child-read"), ChildProcess = true, Partitions = FilesOf },
            new FakeStage("sort", ["rows"], ["sorted"], SortAsync) { Version = Version("sort") },
            new FakeStage("train", ["sorted"], ["model"], TrainAsync) { Version = Version("train"), EnvironmentSensitive = true },
            new FakeStage("child-train", ["sorted"], ["model"], TrainAsync) { Version = Version("child-train"), ChildProcess = true },
            new FakeStage("child-three", [], ["alpha", "beta", "gamma"], ThreeAsync) { Version = Version("child-three"), ChildProcess = true },
        ];
        return new StageTable(stages);
    }

    static async Task ThreeAsync(StageContext context, FakeOptions options, CancellationToken cancellationToken)
    {
        await FailAsync(context, options, cancellationToken);
        foreach (var slot in new[] { "alpha", "beta", "gamma" })
        {
            var text = string.Concat(Enumerable.Repeat($"{slot} {options.Text} {context.Seed}\n", 200));
            await File.WriteAllTextAsync(Path.Combine(context.OutputFolder(slot), "part-00000.txt"), text + (options.Random ? Guid.NewGuid() : ""), cancellationToken);
            context.Describe(slot, "part-00000.txt", 200, null);
            context.Meta(slot, "text", options.Text);
            context.Progress(new StageProgress(1, 3, "slots", slot));
        }

        context.Log("three slots written");
    }

    static async Task FailAsync(StageContext context, FakeOptions options, CancellationToken cancellationToken)
    {
        switch (options.Fault)
        {
            case "user":
                throw new DataPrepException("Row 7 of corpus.jsonl is not JSON. Expected one object per line; fix or remove the row.");
            case "error":
                throw new InvalidOperationException("a bug");
            case "crash":
                Process.GetCurrentProcess().Kill();
                break;
            case "abort":
                Console.Error.WriteLine("libfake: assertion failed");
                Environment.FailFast("a native assertion");
                break;
            case "hang":
                context.Log("hanging");
                await Task.Delay(Timeout.Infinite, cancellationToken);
                break;
            case "deaf":
                context.Log("deaf");
                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                break;
            case "grandchild":
                using (var child = Process.Start("setsid", ["sleep", "600"]))
                {
                    context.Log($"pids {Environment.ProcessId} {child.Id}");
                }

                await Task.Delay(Timeout.Infinite, CancellationToken.None);
                break;
            case "flaky" when !File.Exists(options.Gate):
                await File.WriteAllTextAsync(options.Gate, "", cancellationToken);
                throw new IOException("the source does not answer, the first time");
            case "hold":
                while (!File.Exists(options.Gate))
                {
                    await Task.Delay(5, cancellationToken);
                }

                break;
            case "spin" when !File.Exists(options.Gate):
                context.Log("spinning");
                Spin();
                break;
            case "print":
                Console.WriteLine("{\"T\":\"end\",\"Kind\":\"ok\"} a library talks");
                break;
            case "fill":
                context.Log("filling");
                break;
        }
    }

    /// <summary>Stays in native code that knows of no token and never comes back.</summary>
    static void Spin()
    {
        Workflow.Ledger.SqliteLibrary.Load();
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT COUNT(*) FROM n";
        command.CommandTimeout = 0;
        command.ExecuteScalar();
    }

    /// <summary>Fails as a row <c>poison:KIND</c> says.</summary>
    static void Swallow(string line)
    {
        switch (line)
        {
            case "poison:user":
                throw new DataPrepException("Row 3 is not JSON. Expected one object per line; fix or remove the row.");
            case "poison:error":
                throw new InvalidOperationException("a bug that this row shows");
            case "poison:transient":
                throw new IOException("the source of this row does not answer");
            case "poison:memory":
                throw new InvalidOperationException("DefaultCPUAllocator: not enough memory: you tried to allocate 8 GB");
            case "poison:crash":
                Process.GetCurrentProcess().Kill();
                break;
            case "poison:abort":
                Environment.FailFast("a native assertion");
                break;
        }
    }

    static List<StagePartition> FilesOf(FakeOptions options, PlanContext plan) =>
        [.. Directory.GetFiles(Path.Combine(plan.Root, options.Folder), "*.txt").Order(StringComparer.Ordinal).Select(f =>
            new StagePartition(Path.GetFileNameWithoutExtension(f), "{}", [new ExternalFile(f, $"{options.Folder}/{Path.GetFileName(f)}", plan.Hash(f))]))];

    static async Task ReadAsync(StageContext context, FakeOptions options, CancellationToken cancellationToken)
    {
        if (context.Partition is null)
        {
            foreach (var rows in context.Partitions.Select(p => p["rows"]))
            {
                foreach (var member in rows.Manifest.Members)
                {
                    context.Include("rows", rows, member.Name, member.Name);
                }
            }

            return;
        }

        var lines = await File.ReadAllLinesAsync(context.Files[0].Path, cancellationToken);
        Array.ForEach(lines, Swallow);
        var name = $"{context.Partition.Key}.rows";
        await File.WriteAllLinesAsync(Path.Combine(context.OutputFolder("rows"), name), lines.Select(l => l.ToUpperInvariant()), cancellationToken);
        context.Describe("rows", name, lines.Length, null);
    }

    static async Task SortAsync(StageContext context, FakeOptions options, CancellationToken cancellationToken)
    {
        var lines = context.Inputs["rows"][0].Paths.SelectMany(File.ReadLines).Select(l => $"{options.Text} {l}").Order(StringComparer.Ordinal).ToList();
        await File.WriteAllLinesAsync(Path.Combine(context.OutputFolder("sorted"), "sorted.txt"), lines, cancellationToken);
        context.Describe("sorted", "sorted.txt", lines.Count, null);
    }

    static async Task TrainAsync(StageContext context, FakeOptions options, CancellationToken cancellationToken)
    {
        var state = SHA256.HashData(Encoding.UTF8.GetBytes(await File.ReadAllTextAsync(context.Inputs["sorted"][0].PathOf("sorted.txt"), cancellationToken) + context.Seed + options.Rate));
        var first = 0L;
        if (context.Checkpoints is [var newest, ..])
        {
            state = Convert.FromHexString(await File.ReadAllTextAsync(newest.Artifact.PathOf("state.txt"), cancellationToken));
            first = newest.Step;
        }

        for (var step = first + 1; step <= options.Steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            state = SHA256.HashData([.. state, (byte)step]);
            context.Metric("loss", step, state[0] / 255.0);
            context.Progress(new StageProgress(step, options.Steps, "steps"));
            if (step % options.Every == 0 && step < options.Steps)
            {
                var folder = Path.Combine(context.Scratch, $"step-{step}");
                Directory.CreateDirectory(folder);
                await File.WriteAllTextAsync(Path.Combine(folder, "state.txt"), Convert.ToHexStringLower(state), cancellationToken);
                context.Checkpoint(step, $"{{\"step\":{step}}}", folder, state[1]);
            }

            Chaos.Point("train.step");
        }

        context.Histogram("cosine", options.Steps, -1, 1, [1, 2, 3]);
        await File.WriteAllTextAsync(Path.Combine(context.OutputFolder("model"), "model.txt"), Convert.ToHexStringLower(state), cancellationToken);
    }
}
