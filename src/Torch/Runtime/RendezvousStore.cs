using System.Text;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A key-value store that processes share over TCP: torch.distributed's TCPStore, its protocol and all. One process serves it. Calls from several threads wait for each other.</summary>
public sealed unsafe class RendezvousStore : IDisposable
{
    readonly Lock _turn = new();
    readonly string _place;
    nint _handle;

    RendezvousStore(nint handle, string host, int port)
    {
        (_handle, Port) = (handle, port);
        _place = $"{host}:{port}";
    }

    ~RendezvousStore() => Release();

    /// <summary>Port that it is served at.</summary>
    public int Port { get; }

    /// <summary>Opens a store.</summary>
    /// <param name="host">Host that serves it.</param>
    /// <param name="port">Port; 0, where this process serves, for a free one.</param>
    /// <param name="serve">Whether this process serves it.</param>
    /// <param name="timeout">How long to wait for the server, and for a key.</param>
    /// <param name="prefix">Put before every key, with a slash; empty for none.</param>
    /// <exception cref="ProcessGroupException">The port is taken, or nobody serves the store.</exception>
    public static RendezvousStore Open(string host, int port, bool serve, TimeSpan timeout, string prefix = "")
    {
        nint store;
        int taken, failed;
        fixed (byte* h = NativeMethods.Utf8(host), p = NativeMethods.Utf8(prefix))
        {
            failed = DistributedMethods.ts_store_new(h, port, serve ? 1 : 0, p, (long)timeout.TotalMilliseconds, &store, &taken);
        }

        try
        {
            NativeMethods.Check(failed);
        }
        catch (TorchException error)
        {
            throw new ProcessGroupException(serve
                ? $"The store of the process group could not be served at {host}:{port}: is the port (MASTER_PORT) taken? {error.Message}"
                : $"No store of a process group answered at {host}:{port} (MASTER_ADDR, MASTER_PORT) within {timeout.TotalSeconds:0} s: does rank 0 run there? {error.Message}", error);
        }

        return new RendezvousStore(store, host, taken);
    }

    /// <summary>Sets a key.</summary>
    public void Set(string key, ReadOnlySpan<byte> value)
    {
        lock (_turn)
        {
            fixed (byte* k = NativeMethods.Utf8(key), v = value)
            {
                Check(DistributedMethods.ts_store_set(Handle, k, v, value.Length));
            }
        }
    }

    /// <summary>Sets a key to a text.</summary>
    public void Set(string key, string value) => Set(key, Encoding.UTF8.GetBytes(value));

    /// <summary>The value of a key; waits for the key until the store's timeout.</summary>
    public byte[] Get(string key)
    {
        lock (_turn)
        {
            nint data;
            long n;
            fixed (byte* k = NativeMethods.Utf8(key))
            {
                Check(DistributedMethods.ts_store_get(Handle, k, &data, &n));
            }

            var value = new ReadOnlySpan<byte>((void*)data, checked((int)n)).ToArray();
            NativeMethods.ts_free(data);
            return value;
        }
    }

    /// <summary>The text of a key, or null where the key is not set; does not wait.</summary>
    public string? TryGetText(string key) => Contains(key) ? Encoding.UTF8.GetString(Get(key)) : null;

    /// <summary>Whether a key is set.</summary>
    public bool Contains(string key)
    {
        lock (_turn)
        {
            int there;
            fixed (byte* k = NativeMethods.Utf8(key))
            {
                Check(DistributedMethods.ts_store_has(Handle, k, &there));
            }

            return there != 0;
        }
    }

    /// <summary>Adds to a number, which is 0 before the first time, and returns the sum.</summary>
    public long Add(string key, long more)
    {
        lock (_turn)
        {
            long sum;
            fixed (byte* k = NativeMethods.Utf8(key))
            {
                Check(DistributedMethods.ts_store_add(Handle, k, more, &sum));
            }

            return sum;
        }
    }

    /// <summary>The native store.</summary>
    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(RendezvousStore));

    public void Dispose()
    {
        lock (_turn)
        {
            Release();
        }

        GC.SuppressFinalize(this);
    }

    void Check(int failed)
    {
        try
        {
            NativeMethods.Check(failed);
        }
        catch (TorchException error)
        {
            throw new ProcessGroupException($"The store of the process group at {_place} does not answer: {error.Message}", error);
        }
    }

    void Release()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
        {
            DistributedMethods.ts_store_delete(handle);
        }
    }
}
