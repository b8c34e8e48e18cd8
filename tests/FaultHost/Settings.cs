using Workflow.Engine;
using Workflow.Runs;

namespace FaultHost;

/// <summary>How tests and the processes they kill execute.</summary>
public static class Settings
{
    public static HostOptions Options(string? mutant = null, int heartbeatMillis = 1000, int takeoverMillis = 3_600_000) => Mutants.Apply(new HostOptions
    {
        JobFromJson = FakeJob.FromJson,
        Heartbeat = TimeSpan.FromMilliseconds(heartbeatMillis),
        Takeover = TimeSpan.FromMilliseconds(takeoverMillis),
        Sweep = TimeSpan.FromMilliseconds(20),
        Backoff = TimeSpan.FromMilliseconds(1),
        Grace = TimeSpan.FromMilliseconds(500),
        EnvironmentClass = () => "test",
        Engine = Environment.GetEnvironmentVariable("FAULT_ENGINE") == "quartz" ? (home, time) => new QuartzEngine(home, time) { Log = Console.Error.WriteLine } : (_, time) => new InlineEngine(time),
        ChildCommand = [Path.Combine(AppContext.BaseDirectory, "FaultHost")],
    }, mutant);
}
