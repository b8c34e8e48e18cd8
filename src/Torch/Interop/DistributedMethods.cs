using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The shim's functions of process groups, as Native/distributed_api.h declares them.</summary>
static unsafe class DistributedMethods
{
    const string Lib = ShimLoader.Library;

    [DllImport(Lib)] public static extern int ts_dist_available(int backend);

    [DllImport(Lib)] public static extern int ts_store_new(byte* host, int port, int serve, byte* prefix, long timeout, nint* store, int* takenPort);
    [DllImport(Lib)] public static extern void ts_store_delete(nint store);
    [DllImport(Lib)] public static extern int ts_store_set(nint store, byte* key, void* data, long n);
    [DllImport(Lib)] public static extern int ts_store_get(nint store, byte* key, nint* data, long* n);
    [DllImport(Lib)] public static extern int ts_store_has(nint store, byte* key, int* there);
    [DllImport(Lib)] public static extern int ts_store_add(nint store, byte* key, long more, long* sum);

    [DllImport(Lib)] public static extern int ts_group_new(nint store, byte* prefix, int backend, int rank, int size, long timeout, int device, nint* group);
    [DllImport(Lib)] public static extern void ts_group_delete(nint group);
    [DllImport(Lib)] public static extern int ts_group_all_reduce(nint group, nint tensor, int reduction);
    [DllImport(Lib)] public static extern int ts_group_all_gather(nint group, nint input, nint* outputs, int n);
    [DllImport(Lib)] public static extern int ts_group_broadcast(nint group, nint tensor, int root);
    [DllImport(Lib)] public static extern int ts_group_barrier(nint group);
}
