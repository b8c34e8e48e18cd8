using Workflow.Engine;

namespace Durability.Scenarios;

/// <summary>What goes wrong between an engine and who listens to it.</summary>
/// <param name="Copies">How often each ring comes; 1 is once.</param>
/// <param name="Dropped">Share of rings that never come.</param>
/// <param name="Held">How many rings are held back and shuffled before they come; 0 is none.</param>
sealed record RingFaults(int Copies = 1, double Dropped = 0, int Held = 0);

/// <summary>A real engine whose rings are doubled, dropped and shuffled on their way to the consumer, by a seeded generator.</summary>
sealed class FaultyEngine(IJobEngine inner, RingFaults faults, int seed) : IJobEngine
{
    readonly Random random = new(seed);
    readonly Queue<EngineRing> ready = new();
    readonly List<EngineRing> held = [];
    int taken;

    public string Name => inner.Name;

    /// <summary>Rings that came from the engine.</summary>
    public int Taken => Volatile.Read(ref taken);

    public Task StartAsync(CancellationToken cancellationToken) => inner.StartAsync(cancellationToken);

    public Task EnqueueAsync(string runId, CancellationToken cancellationToken) => inner.EnqueueAsync(runId, cancellationToken);

    public Task CancelAsync(string runId, CancellationToken cancellationToken) => inner.CancelAsync(runId, cancellationToken);

    public Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken) => inner.ScheduleAsync(key, due, cancellationToken);

    public Task UnscheduleAsync(string key, CancellationToken cancellationToken) => inner.UnscheduleAsync(key, cancellationToken);

    public Task RedeclareAsync(IReadOnlyList<EngineAlarm> alarms, IReadOnlyList<string> runs, CancellationToken cancellationToken) => inner.RedeclareAsync(alarms, runs, cancellationToken);

    public Task<IReadOnlyList<EngineAlarm>> ScheduledAsync(CancellationToken cancellationToken) => inner.ScheduledAsync(cancellationToken);

    public Task<IReadOnlyList<EngineInstance>> AliveAsync(CancellationToken cancellationToken) => inner.AliveAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    public async ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        while (ready.Count == 0)
        {
            // What is held back comes out once enough is there, or nothing more comes for a while.
            var patience = held.Count > 0 ? TimeSpan.FromMilliseconds(100) : timeout;
            if (await inner.WaitAsync(patience, cancellationToken) is { } ring)
            {
                taken++;
                if (random.NextDouble() >= faults.Dropped)
                {
                    held.AddRange(Enumerable.Repeat(ring, faults.Copies));
                }
            }
            else if (held.Count == 0)
            {
                return null;
            }
            else
            {
                Release();
            }

            if (held.Count > faults.Held)
            {
                Release();
            }
        }

        return ready.Dequeue();
    }

    void Release()
    {
        var rings = held.ToArray();
        held.Clear();
        if (faults.Held > 0)
        {
            random.Shuffle(rings);
        }

        Array.ForEach(rings, ready.Enqueue);
    }
}
