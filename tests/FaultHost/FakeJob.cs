using System.Text.Json;
using Workflow.Jobs;
using Workflow.Stages;

namespace FaultHost;

/// <summary>A job of fake stages that goes through JSON as a real one does.</summary>
public sealed record FakeJob
{
    /// <summary>three, child-three, pipeline, child-pipeline.</summary>
    public required string Shape { get; init; }

    public string Root { get; init; } = "/";

    public long Seed { get; init; } = 17;

    public FakeOptions Options { get; init; } = new();

    /// <summary>Options of single stages, where they differ.</summary>
    public Dictionary<string, FakeOptions> Of { get; init; } = [];

    /// <summary>Stages of the table that stand in for others, by the name of the stage in the job.</summary>
    public Dictionary<string, string> Uses { get; init; } = [];

    public int MaxTries { get; init; } = 3;

    public double? TimeoutSeconds { get; init; }

    public Dictionary<string, string> Versions { get; init; } = [];

    /// <summary>Its schedules by name.</summary>
    public Dictionary<string, ScheduleSpec> Schedules { get; init; } = [];

    /// <summary>Reads a file of such a job's JSON, as the keeper of schedules reads job files.</summary>
    public static JobReading Read(string file, IReadOnlyList<string> sets, string folder, string? schedule) => new(FromJson(File.ReadAllText(file)), []);

    public static JobSpec FromJson(string json) => JsonSerializer.Deserialize<FakeJob>(json)!.Spec();

    public JobSpec Spec()
    {
        var table = FakeStages.Table(Versions);
        var train = Shape == "child-pipeline" ? "child-train" : "train";
        return new JobSpec
        {
            Name = Shape,
            Seed = Seed,
            Root = Root,
            Json = JsonSerializer.Serialize(this),
            Schedules = [.. Schedules.Values],
            Stages = Shape is "three" or "child-three" ? [Stage(Shape, Shape)] : [Stage("read", "read"), Stage("sort", "sort", "read.rows"), Stage("train", train, "sort.sorted")],
        };

        StageSpec Stage(string name, string uses, params string[] from) => new()
        {
            Name = name,
            Stage = table.Find(Uses.GetValueOrDefault(name) ?? uses)!,
            Options = Of.GetValueOrDefault(name) ?? Options,
            SemanticJson = ChildOptions.Write(Of.GetValueOrDefault(name) ?? Options, typeof(FakeOptions)),
            OperationalJson = "{}",
            From = from.ToDictionary(f => f.Split('.')[1], f => (IReadOnlyList<StageRef>)[new StageRef(f.Split('.')[0], f.Split('.')[1])], StringComparer.Ordinal),
            MaxTries = MaxTries,
            Timeout = TimeoutSeconds is { } s ? TimeSpan.FromSeconds(s) : null,
        };
    }
}
