using Workflow.Engine;
using Workflow.Runs;

namespace Workflow.Schedules;

/// <summary>Keeps the schedules of a served home: declares job files as they change, makes the runs that are due, and tells the engine when to ring next.</summary>
/// <param name="home">The home.</param>
/// <param name="engine">The doorbell.</param>
/// <param name="reader">Reads job files.</param>
/// <param name="start">Takes up a run.</param>
/// <param name="live">Runs that have something to do.</param>
sealed class ScheduleLoop(Home home, IJobEngine engine, ScheduledJobReader reader, Action<string> start, Func<IReadOnlyList<string>> live)
{
    static readonly TimeSpan Renewal = TimeSpan.FromMinutes(1);
    readonly ScheduleKeeper keeper = new(home.Ledger, home.History, home.WorkerId, reader);
    readonly ScheduleDeclarations declarations = new(home.Ledger, reader);
    readonly Signal rung = new();
    IReadOnlyList<EngineAlarm> alarms = [];
    long renewed;

    /// <summary>Looks now instead of with the next sweep.</summary>
    public void Ring() => rung.Set();

    /// <summary>Keeps them until cancelled. Without any ring it looks with every sweep.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(rung.Set);
        renewed = home.Options.Time.GetTimestamp();
        var first = true;
        while (!cancellationToken.IsCancellationRequested)
        {
            rung.Lower();
            Declare();
            foreach (var run in await keeper.LookAsync(CancellationToken.None))
            {
                start(run);
            }

            await TellAsync(first, cancellationToken);
            first = false;
            using var limit = new CancellationTokenSource();
            await Task.WhenAny(rung.WaitAsync(), Task.Delay(Wait(), home.Options.Time, limit.Token));
            await limit.CancelAsync();
        }
    }

    void Declare()
    {
        if (declarations.DeclareChanged(home.Options.ServedJobs) is not { } declared)
        {
            return;
        }

        foreach (var key in declared.Changed)
        {
            home.Options.Log($"schedule {key} declared");
        }

        foreach (var key in declared.Withdrawn)
        {
            home.Options.Log($"schedule {key} withdrawn: its job file or entry is gone");
        }

        foreach (var problem in declared.Problems)
        {
            home.Options.Log($"schedules: {problem}");
        }
    }

    /// <summary>Declares the alarms where they differ from the last ones; all of them anew each minute, so that a store that was lost is whole again.</summary>
    async Task TellAsync(bool first, CancellationToken cancellationToken)
    {
        var now = keeper.Alarms();
        var due = home.Options.Time.GetElapsedTime(renewed) >= Renewal;
        if (!first && !due && now.SequenceEqual(alarms))
        {
            return;
        }

        alarms = now;
        renewed = home.Options.Time.GetTimestamp();
        try
        {
            await engine.RedeclareAsync(now, live(), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    TimeSpan Wait()
    {
        var due = keeper.NextDue() - home.Options.Time.GetUtcNow();
        return due < home.Options.Sweep ? (due > TimeSpan.Zero ? due.Value : TimeSpan.FromMilliseconds(1)) : home.Options.Sweep;
    }
}
