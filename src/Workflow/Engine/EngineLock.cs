using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Workflow.Native;
using Workflow.Runs;

namespace Workflow.Engine;

/// <summary>
/// One scheduler per store: an OS lock on a file beside it, held from start to end and gone with its process. SQLite has no cluster, and Quartz does not notice a second scheduler on its file:
/// that one would run what still runs here, or throw away what a crash left to be recovered.
/// </summary>
sealed class EngineLock : IDisposable
{
    static readonly TimeSpan DyingWait = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);
    readonly SafeFileHandle file;

    EngineLock(SafeFileHandle file) => this.file = file;

    /// <summary>Takes the lock; a holder that is dying is waited for.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="store">The store, for the message.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="WorkflowException">A live scheduler holds it.</exception>
    public static async Task<EngineLock> AcquireAsync(string path, string store, CancellationToken cancellationToken)
    {
        // The kernel's time, not the schedule's: this waits for a process to be gone.
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        while (true)
        {
            var file = Libc.Open(path, create: true)!;
            if (Libc.TryLock(file))
            {
                try
                {
                    RandomAccess.SetLength(file, 0);
                    RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(ProcessIdentity.Current), 0);
                    return new EngineLock(file);
                }
                catch
                {
                    file.Dispose();
                    throw;
                }
            }

            var holder = Read(file);
            file.Dispose();
            var waited = time.GetElapsedTime(start);
            if (waited > DyingWait || (holder?.IsDying() == false && waited > Settle))
            {
                var who = holder is null ? "" : $" (pid {holder.Pid} on {holder.Host})";
                throw new WorkflowException($"Another scheduler{who} has the engine's store {store} open, and a store has one. Stop that process, or name another home with --home.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }
    }

    static ProcessIdentity? Read(SafeFileHandle file)
    {
        var bytes = new byte[1024];
        try
        {
            var length = RandomAccess.Read(file, bytes, 0);
            return length == 0 ? null : JsonSerializer.Deserialize<ProcessIdentity>(bytes.AsSpan(0, length));
        }
        catch (JsonException)
        {
            // Seen while it is being written.
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
