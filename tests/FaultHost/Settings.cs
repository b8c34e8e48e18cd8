using Workflow.Runs;

namespace FaultHost;

/// <summary>How tests and the processes they kill execute.</summary>
public static class Settings
{
    public static HostOptions Options(string? mutant = null, int heartbeatMillis = 1000, int takeoverMillis = 3_600_000, string? engine = null, int sweepMillis = 20, int graceMillis = 500) => Mutants.Apply(new HostOptions
    {
        JobFromJson = FakeJob.FromJson,
        Heartbeat = TimeSpan.FromMilliseconds(heartbeatMillis),
        Takeover = TimeSpan.FromMilliseconds(takeoverMillis),
        Sweep = TimeSpan.FromMilliseconds(sweepMillis),
        Backoff = TimeSpan.FromMilliseconds(1),
        Grace = TimeSpan.FromMilliseconds(graceMillis),
        EnvironmentClass = () => "test",
        ChildCommand = [Path.Combine(AppContext.BaseDirectory, "FaultHost")],
        Engine = Engines.Of(engine ?? "inline"),
        ServedJobs = Environment.GetEnvironmentVariable("FAULT_JOBS") is { Length: > 0 } jobs ? [jobs] : [],
        ScheduledJobs = FakeJob.Read,
    }, mutant);

    /// <summary>The options that a FaultHost was started with, from its environment.</summary>
    public static HostOptions FromEnvironment() => Options(Environment.GetEnvironmentVariable("FAULT_MUTANT"), Number("FAULT_HEARTBEAT_MS", 1000), Number("FAULT_TAKEOVER_MS", 3_600_000),
        Engine, Number("FAULT_SWEEP_MS", 20), Number("FAULT_GRACE_MS", 500));

    /// <summary>The engine asked for, or null.</summary>
    public static string? Engine => Environment.GetEnvironmentVariable(Engines.Variable) is { Length: > 0 } name ? name : null;

    static int Number(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text) : otherwise;
}
