using System.Text.Json;
using System.Text.Json.Serialization;
using Workflow.Artifacts;
using Workflow.Native;

namespace Workflow.Dashboard.Access;

/// <summary>The accounts of a home, in <c>accounts.json</c> beside its ledger: for its owner's eyes only, replaced as a whole, read anew whenever it changed.</summary>
sealed class AccountFile(HomePaths paths)
{
    const int LargestBytes = 16 << 20;
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) }, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };
    readonly Lock reading = new();
    byte[] seen = [];
    IReadOnlyList<Account> known = [];

    /// <summary>Where it lies.</summary>
    public string Place { get; } = Path.Combine(paths.Root, "accounts.json");

    /// <summary>All accounts, by name; none where there is no file.</summary>
    /// <exception cref="WorkflowException">The file is damaged.</exception>
    public IReadOnlyList<Account> Read()
    {
        byte[] bytes;
        try
        {
            // Some kilobytes: reading them at each request is cheaper than ever trusting an old role.
            bytes = File.ReadAllBytes(Place);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        lock (reading)
        {
            if (!bytes.AsSpan().SequenceEqual(seen))
            {
                (known, seen) = (Parse(bytes), bytes);
            }

            return known;
        }
    }

    /// <summary>Refuses a file that others on this machine may read or write.</summary>
    /// <exception cref="WorkflowException">They may.</exception>
    public void RequireOwnerOnly()
    {
        if (!OperatingSystem.IsWindows() && File.Exists(Place) && (File.GetUnixFileMode(Place) & ~OwnerOnly) != 0)
        {
            throw new WorkflowException($"{Place} may be read or written by others on this machine; expected its owner alone. Say: chmod 600 {Place}");
        }
    }

    /// <summary>Changes the accounts: one change at a time over all processes, and a reader sees the old file or the new one.</summary>
    /// <param name="change">Changes the list; what it throws changes nothing.</param>
    /// <param name="before">Called when the change is certain to be possible, before it counts.</param>
    public void Change(Action<List<Account>> change, Action before)
    {
        Directory.CreateDirectory(paths.Root);
        using var turn = WaitForTurn();
        var accounts = Read().ToList();
        change(accounts);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new Stored(1, [.. accounts.OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase)]), Json);
        var fresh = Place + ".new";
        File.Delete(fresh);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(fresh, create))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        before();
        File.Move(fresh, Place, overwrite: true);
        Libc.Sync(paths.Root);
    }

    Microsoft.Win32.SafeHandles.SafeFileHandle WaitForTurn()
    {
        var place = Path.Combine(paths.Root, "accounts.lock");
        var handle = Libc.Open(place, create: true)!;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(place, OwnerOnly);
        }

        var start = TimeProvider.System.GetTimestamp();
        while (!Libc.TryLock(handle))
        {
            if (TimeProvider.System.GetElapsedTime(start) > LongestWait)
            {
                handle.Dispose();
                throw new WorkflowException($"Somebody else has been changing the accounts for more than {LongestWait.TotalSeconds:0} s (they hold {place}). Nothing was changed; try again.");
            }

            Thread.Sleep(5);
        }

        return handle;
    }

    IReadOnlyList<Account> Parse(byte[] bytes)
    {
        try
        {
            return bytes.Length <= LargestBytes && JsonSerializer.Deserialize<Stored>(bytes, Json) is { Version: 1 } stored ? stored.Accounts
                : throw new WorkflowException($"{Place} is of a newer version or too large; expected version 1.");
        }
        catch (JsonException fault)
        {
            throw new WorkflowException($"{Place} is damaged: {fault.Message} Put a copy back, or move it away and add the accounts again: workflow account add NAME --role admin", inner: fault);
        }
    }

    sealed record Stored(int Version, IReadOnlyList<Account> Accounts);
}
