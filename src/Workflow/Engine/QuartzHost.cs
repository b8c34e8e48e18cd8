using Microsoft.Data.Sqlite;
using Quartz;

namespace Workflow.Engine;

/// <summary>One Quartz scheduler on a prepared store, from start to shut-down.</summary>
sealed class QuartzHost : IAsyncDisposable
{
    /// <summary>The scheduler's name in the store, the same for every home: a home may be moved.</summary>
    public const string SchedulerName = "workflow";

    static readonly JobKey Job = new("ring", "workflow");

    /// <summary>Rings that may be unfinished at once; more wait in the store.</summary>
    const int Concurrency = 32;

    readonly StandaloneSchedulerFactory factory;
    readonly IScheduler scheduler;

    QuartzHost(StandaloneSchedulerFactory factory, IScheduler scheduler) => (this.factory, this.scheduler) = (factory, scheduler);

    /// <summary>Makes a scheduler that does not run yet.</summary>
    /// <exception cref="SchedulerException">The store has another schema, or cannot be used.</exception>
    public static async Task<QuartzHost> CreateAsync(string connection, string instance, TimeProvider time, RingDoor door, ILoggerProvider log, CancellationToken cancellationToken)
    {
        var factory = QuartzSchedulerBuilder.Create(q => Configure(q, connection, instance, time, door, log)).Build();
        try
        {
            var scheduler = await factory.GetScheduler(cancellationToken);
            await scheduler.AddJob(RingJobDetail, AddJobOptions.Replacing, cancellationToken);
            return new QuartzHost(factory, scheduler);
        }
        catch
        {
            await factory.DisposeAsync();
            throw;
        }
    }

    static IJobDetail RingJobDetail => JobBuilder.Create<RingJob>().WithIdentity(Job).RequestRecovery().StoreDurably().Build();

    /// <summary>Begins to fire, first what a crash left unfinished.</summary>
    public ValueTask StartAsync(CancellationToken cancellationToken) => scheduler.Start(cancellationToken);

    /// <summary>Alarms in the store; due is null for one that is firing.</summary>
    public async Task<List<(string Key, DateTimeOffset? Due)>> AlarmsAsync(CancellationToken cancellationToken)
    {
        var found = await scheduler.QueryTriggers(new TriggerQuery { Group = GroupMatcher<TriggerKey>.GroupEquals(QuartzStore.Alarms), Take = PagedQuery.All }, cancellationToken);
        return [.. found.Items.Select(t => (t.Key.Name, t.NextFireTimeUtc))];
    }

    /// <summary>Sets alarms in one transaction; those that their keys have are replaced.</summary>
    public async Task SetAsync(IReadOnlyList<EngineAlarm> alarms, CancellationToken cancellationToken) =>
        await scheduler.ScheduleJobs(
            new Dictionary<IJobDetail, IReadOnlyCollection<ITrigger>> { [RingJobDetail] = [.. alarms.Select(a => Trigger(QuartzStore.Alarms, new EngineRing(RingKind.Alarm, a.Key)).StartAt(a.Due).Build())] },
            ScheduleJobOptions.Replacing,
            cancellationToken);

    /// <summary>Removes alarms.</summary>
    public async Task RemoveAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        await scheduler.UnscheduleJobs([.. keys.Select(k => new TriggerKey(k, QuartzStore.Alarms))], cancellationToken);

    /// <summary>Writes a ring down, to be rung again after a crash; one that is written already stays as it is.</summary>
    public async Task KeepAsync(EngineRing ring, CancellationToken cancellationToken) =>
        await scheduler.ScheduleTrigger(Trigger($"ring.{ring.Kind}", ring).StartNow().Build(), TriggerConflict.Keep, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await scheduler.Shutdown(waitForJobsToComplete: false);
        }
        catch (SchedulerException)
        {
            // A store that is gone cannot be told goodbye.
        }

        await factory.DisposeAsync();
    }

    static void Configure(IQuartzBuilder builder, string connection, string instance, TimeProvider time, RingDoor door, ILoggerProvider log)
    {
        builder.Services.AddLogging(l => l.ClearProviders().SetMinimumLevel(LogLevel.Error).AddProvider(log));
        builder.Services.AddSingleton(door);
        builder.UseTimeProvider(time);
        builder.UseDefaultThreadPool(Concurrency);
        builder.ConfigureScheduler(o =>
        {
            o.InstanceName = SchedulerName;
            o.InstanceId = instance;
            o.PropagateTraceContext = false;

            // A wall clock that was set is noticed within this time.
            o.IdleWaitTime = TimeSpan.FromSeconds(5);

            // A ring that nobody has dealt with when we stop is stored as one to be recovered.
            o.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        builder.UsePersistentStore(s =>
        {
            s.UseSqlite(SqliteFactory.Instance, connection);
            s.ProvisionSchema();
            s.ConfigureStore(o =>
            {
                o.StoreJobDataAsStrings = true;
                o.RecoverFiringsCancelledByShutdown = true;
                o.DbRetryInterval = TimeSpan.FromSeconds(1);
            });
        });
    }

    /// <summary>A one-shot trigger; late is not missed, for the ledger decides what a late ring means.</summary>
    TriggerBuilder<IJob> Trigger(string group, EngineRing ring) => TriggerBuilder.Create(scheduler.TimeProvider)
        .WithIdentity(ring.Key, group)
        .ForJob(Job)
        .UsingJobData(RingJob.Kind, ring.Kind.ToString())
        .UsingJobData(RingJob.Key, ring.Key)
        .WithSimpleSchedule(s => s.WithMisfireInstruction(SimpleTriggerMisfireInstruction.IgnoreMisfires));
}
