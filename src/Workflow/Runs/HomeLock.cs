using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Workflow.Artifacts;
using Workflow.Native;

namespace Workflow.Runs;

/// <summary>Who holds a home.</summary>
/// <param name="Role">serve or run.</param>
/// <param name="Process">The process.</param>
public sealed record HomeHolder(string Role, ProcessIdentity Process);

/// <summary>
/// The scheduler's lock on a home: an OS lock on <c>home/lock</c>, gone with its process whatever ends it. The file tells who holds it. A holder that is dying is waited for.
/// </summary>
public sealed class HomeLock : IDisposable
{
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);
    readonly SafeFileHandle file;

    HomeLock(SafeFileHandle file) => this.file = file;

    /// <summary>Takes the lock; null where a live process holds it, see <see cref="Holder"/>.</summary>
    /// <param name="home">The home.</param>
    /// <param name="role">serve or run, for messages.</param>
    /// <param name="dyingWait">How long to wait for a holder that is dying.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task<HomeLock?> TryAcquireAsync(HomePaths home, string role, TimeSpan dyingWait, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(home.Root);
        var start = time.GetTimestamp();
        while (true)
        {
            var file = Libc.Open(home.Lock, create: true)!;
            if (Libc.TryLock(file))
            {
                try
                {
                    RandomAccess.SetLength(file, 0);
                    RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(new HomeHolder(role, ProcessIdentity.Current)), 0);
                    return new HomeLock(file);
                }
                catch
                {
                    file.Dispose();
                    throw;
                }
            }

            file.Dispose();
            var waited = time.GetElapsedTime(start);
            var dying = Read(home) is not { } holder || holder.Process.IsDying();
            if (waited > dyingWait || (!dying && waited > Settle))
            {
                return null;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    /// <summary>The live process that holds the home, or null. Never waits, never locks.</summary>
    public static HomeHolder? Holder(HomePaths home) => Read(home) is { } holder && !holder.Process.IsDead() ? holder : null;

    /// <summary>What to tell the second one who comes.</summary>
    public static WorkflowException Refusal(HomePaths home)
    {
        var holder = Read(home);
        return new WorkflowException(holder is null
            ? $"Another workflow process is using the home {home.Root}. Wait for it to end, or name another home with --home."
            : $"Another workflow process (pid {holder.Process.Pid}, `{holder.Role}`) is using the home {home.Root}. Wait for it to end, stop it, or name another home with --home. " +
              "Under a `serve`, commands hand their request to it.");
    }

    static HomeHolder? Read(HomePaths home)
    {
        using var file = Libc.Open(home.Lock, create: false);
        if (file is null)
        {
            return null;
        }

        var bytes = new byte[1024];
        var length = RandomAccess.Read(file, bytes, 0);
        try
        {
            return length == 0 ? null : JsonSerializer.Deserialize<HomeHolder>(bytes.AsSpan(0, length));
        }
        catch (JsonException)
        {
            // Seen while it is being written.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Says nobody before it lets go; the OS lock is what counts.
        RandomAccess.SetLength(file, 0);
        file.Dispose();
    }
}
