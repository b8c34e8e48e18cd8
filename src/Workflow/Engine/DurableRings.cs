using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Workflow.Engine;

/// <summary>
/// Writes rings to a store behind the back of those who ring: only rings that nobody has dealt with after a grace are written, so a consumer that keeps up costs no write at all.
/// A backlog beyond the limit is not written; the ledger rings those again.
/// </summary>
/// <param name="time">Clock of the grace.</param>
/// <param name="grace">How long a ring may stay unwritten.</param>
/// <param name="write">Writes one.</param>
/// <param name="log">Told of one that could not be written.</param>
sealed class DurableRings(TimeProvider time, TimeSpan grace, Func<EngineRing, CancellationToken, Task> write, Action<string> log) : IAsyncDisposable
{
    const int Limit = 4096;
    readonly Channel<(EngineRing Ring, Task Handled, long At)> backlog =
        Channel.CreateBounded<(EngineRing, Task, long)>(new BoundedChannelOptions(Limit) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    readonly ConcurrentDictionary<EngineRing, Task> written = new();
    readonly CancellationTokenSource stopping = new();
    Task? writing;

    /// <summary>Begins to write; what was put before is kept until now.</summary>
    public void Start() => writing ??= Task.Run(WriteAllAsync);

    /// <summary>A ring to be written unless it is handled soon.</summary>
    public void Put(EngineRing ring, Task handled) => backlog.Writer.TryWrite((ring, handled, time.GetTimestamp()));

    /// <summary>Takes a written ring back when its trigger fires: what completes when it is handled, or null where an earlier process wrote it.</summary>
    public Task? Take(EngineRing ring) => written.TryRemove(ring, out var handled) ? handled : null;

    async Task WriteAllAsync()
    {
        try
        {
            await foreach (var (ring, handled, at) in backlog.Reader.ReadAllAsync(stopping.Token))
            {
                var left = grace - time.GetElapsedTime(at);
                if (!handled.IsCompleted && left > TimeSpan.Zero)
                {
                    await Task.WhenAny(handled, Task.Delay(left, time, stopping.Token));
                }

                if (!handled.IsCompleted && !stopping.IsCancellationRequested)
                {
                    written[ring] = handled;
                    await WriteAsync(ring);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task WriteAsync(EngineRing ring)
    {
        try
        {
            await write(ring, stopping.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The ring is in memory, and the ledger rings again what a crash takes: no reason to end the others.
            log($"A ring for {ring.Key} could not be written to the engine's store: {fault.Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        if (writing is not null)
        {
            await writing;
        }
    }
}
