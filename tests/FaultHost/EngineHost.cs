using System.Globalization;
using Workflow.Artifacts;
using Workflow.Engine;
using Workflow.Ledger;

namespace FaultHost;

/// <summary>A process with a Quartz engine that does what it is told, step by step, and says what rings: for tests to kill.</summary>
static class EngineHost
{
    /// <summary>Steps: enqueue=KEY, cancel=KEY, alarm=KEY@SECONDS, unfinished=N (waits until the store holds so many firings that nobody has dealt with), take=N, scheduled, stop, hold.</summary>
    public static async Task<int> RunAsync(string home, string instance, IEnumerable<string> steps)
    {
        var paths = new HomePaths(home);
        await using var engine = new QuartzEngine(paths, TimeProvider.System) { InstanceId = instance, Grace = TimeSpan.Zero, Log = Say };
        await engine.StartAsync(CancellationToken.None);
        Say("started");
        foreach (var step in steps.Select(s => s.Split('=', 2)))
        {
            switch (step)
            {
                case ["enqueue", var key]:
                    await engine.EnqueueAsync(key, CancellationToken.None);
                    break;
                case ["cancel", var key]:
                    await engine.CancelAsync(key, CancellationToken.None);
                    break;
                case ["alarm", var alarm]:
                    var at = alarm.LastIndexOf('@');
                    await engine.ScheduleAsync(alarm[..at], TimeProvider.System.GetUtcNow().AddSeconds(double.Parse(alarm[(at + 1)..], CultureInfo.InvariantCulture)), CancellationToken.None);
                    break;
                case ["unfinished", var count]:
                    await UnfinishedAsync(paths, long.Parse(count, CultureInfo.InvariantCulture));
                    break;
                case ["take", var count]:
                    for (var i = int.Parse(count, CultureInfo.InvariantCulture); i > 0; i--)
                    {
                        var rang = await engine.WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
                        Say($"ring {rang?.Kind} {rang?.Key}");
                    }

                    break;
                case ["scheduled"]:
                    Say($"scheduled {string.Join(' ', (await engine.ScheduledAsync(CancellationToken.None)).Select(a => a.Key))}");
                    break;
                case ["stop"]:
                    return 0;
                case ["hold"]:
                    Say("holding");
                    await Task.Delay(Timeout.Infinite);
                    break;
                default:
                    throw new ArgumentException($"unknown step {step[0]}");
            }
        }

        return 0;
    }

    static async Task UnfinishedAsync(HomePaths paths, long count)
    {
        using var store = new LedgerConnection(paths.Engine, readOnly: true);
        while (store.Number("SELECT COUNT(*) FROM QRTZ_FIRED_TRIGGERS WHERE STATE='EXECUTING'") != count)
        {
            await Task.Delay(2);
        }

        Say($"unfinished {count}");
    }

    static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
