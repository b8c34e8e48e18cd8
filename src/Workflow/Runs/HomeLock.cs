using System.Text.Json;
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
    readonly FileStream file;

    HomeLock(FileStream file) => this.file = file;

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
            var file = new FileStream(home.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
            if (Libc.TryLock(file.SafeFileHandle))
            {
                file.SetLength(0);
                file.Write(JsonSerializer.SerializeToUtf8Bytes(new HomeHolder(role, ProcessIdentity.Current)));
                file.Flush();
                return new HomeLock(file);
            }

            await file.DisposeAsync();
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
        try
        {
            using var stream = new FileStream(home.Lock, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return stream.Length == 0 ? null : JsonSerializer.Deserialize<HomeHolder>(stream);
        }
        catch (Exception fault) when (fault is IOException or JsonException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Says nobody before it lets go; the OS lock is what counts.
        file.SetLength(0);
        file.Dispose();
    }
}
