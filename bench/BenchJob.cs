using System.Globalization;
using Workflow.Jobs;
using Workflow.Stages;

namespace Bench;

/// <summary>A job of one stage that reads nothing and publishes nothing: what is left is the ledger.</summary>
static class BenchJob
{
    static readonly BenchStage Stage = new();

    /// <summary>The job with a seed of its own, so that no two runs share a memo key.</summary>
    public static JobSpec Of(long seed) => new()
    {
        Name = "bench",
        Seed = seed,
        Root = "/",
        Json = seed.ToString(CultureInfo.InvariantCulture),
        Stages =
        [
            new StageSpec { Name = "nothing", Stage = Stage, Options = new BenchOptions(), SemanticJson = "{}", OperationalJson = "{}", From = new Dictionary<string, IReadOnlyList<StageRef>>() },
        ],
    };

    public static JobSpec FromJson(string json) => Of(long.Parse(json, CultureInfo.InvariantCulture));
}

/// <summary>No options.</summary>
sealed record BenchOptions;

/// <summary>Does nothing.</summary>
sealed class BenchStage : IStage
{
    public string Name => "nothing";

    public string Version => "1";

    public Type OptionsType => typeof(BenchOptions);

    public IReadOnlyList<InputSlot> Inputs => [];

    public IReadOnlyList<string> Outputs => [];

    public bool ChildProcess => false;

    public Task RunAsync(StageContext context, CancellationToken cancellationToken) => Task.CompletedTask;
}
