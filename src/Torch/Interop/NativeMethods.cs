using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp.Interop;

/// <summary>The shim's functions, as Native/shim.h declares them. Blittable, so no marshalling stub; plain getters skip the GC transition.</summary>
static unsafe class NativeMethods
{
    const string Lib = ShimLoader.Library;
    const int OutOfMemory = 2;

    /// <summary>Throws what libtorch said when <paramref name="failed"/> is not 0.</summary>
    public static void Check(int failed)
    {
        if (failed != 0)
        {
            var said = Marshal.PtrToStringUTF8((nint)ts_last_error()) ?? "libtorch failed and gave no reason.";
            throw failed == OutOfMemory ? new TorchOutOfMemoryException(said) : new TorchException(said);
        }
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");

    [DllImport(Lib)] public static extern byte* ts_last_error();
    [DllImport(Lib)] public static extern byte* ts_version();
    [DllImport(Lib)] public static extern byte* ts_config();
    [DllImport(Lib), SuppressGCTransition] public static extern long ts_live();

    [DllImport(Lib)] public static extern int ts_op_find(byte* name, byte* overload, nint* op);
    [DllImport(Lib)] public static extern byte* ts_op_schema(nint op);
    [DllImport(Lib)] public static extern int ts_call(nint op, Val* args, int n, Val* results, int* count);
    [DllImport(Lib)] public static extern void ts_free(nint p);

    [DllImport(Lib)] public static extern void ts_release(nint t);
    [DllImport(Lib)] public static extern void ts_release_many(nint* t, int n);
    [DllImport(Lib)] public static extern nint ts_share(nint t);
    [DllImport(Lib)] public static extern int ts_from_data(void* data, long* sizes, int dim, int dtype, nint* result);
    [DllImport(Lib)] public static extern void* ts_data(nint t);
    [DllImport(Lib), SuppressGCTransition] public static extern int ts_dim(nint t);
    [DllImport(Lib), SuppressGCTransition] public static extern void ts_sizes(nint t, long* result);
    [DllImport(Lib), SuppressGCTransition] public static extern void ts_strides(nint t, long* result);
    [DllImport(Lib), SuppressGCTransition] public static extern long ts_numel(nint t);
    [DllImport(Lib), SuppressGCTransition] public static extern int ts_dtype(nint t);
    [DllImport(Lib), SuppressGCTransition] public static extern int ts_device(nint t, int* index);
    [DllImport(Lib), SuppressGCTransition] public static extern int ts_is_contiguous(nint t);
    [DllImport(Lib)] public static extern int ts_item(nint t, double* d, long* i, int* isInt);

    [DllImport(Lib)] public static extern int ts_requires_grad(nint t);
    [DllImport(Lib)] public static extern int ts_set_requires_grad(nint t, int on);
    [DllImport(Lib)] public static extern int ts_grad(nint t, nint* result);
    [DllImport(Lib)] public static extern int ts_set_grad(nint t, nint grad);
    [DllImport(Lib)] public static extern int ts_is_leaf(nint t);
    [DllImport(Lib)] public static extern int ts_backward(nint* t, int n, nint* grads, int gradCount, int retain, int create);

    [DllImport(Lib)]
    public static extern int ts_autograd_grad(
        nint* outputs, int n, nint* inputs, int m, nint* grads, int gradCount, int retain, int create, int allowUnused, nint* result);

    [DllImport(Lib)] public static extern int ts_grad_mode();
    [DllImport(Lib)] public static extern void ts_set_grad_mode(int on);
    [DllImport(Lib)] public static extern int ts_inference_mode();
    [DllImport(Lib)] public static extern nint ts_inference_enter(int on);
    [DllImport(Lib)] public static extern void ts_inference_exit(nint guard);
    [DllImport(Lib)] public static extern int ts_autocast_enter(int device, int on, int dtype, int* wasOn, int* wasDtype);
    [DllImport(Lib)] public static extern int ts_autocast_exit(int device, int wasOn, int wasDtype);

    [DllImport(Lib)] public static extern int ts_manual_seed(ulong seed);
    [DllImport(Lib)] public static extern int ts_rng_get(int device, int index, nint* result);
    [DllImport(Lib)] public static extern int ts_rng_set(int device, int index, nint state);
    [DllImport(Lib)] public static extern int ts_set_threads(int n);
    [DllImport(Lib)] public static extern int ts_get_threads();
    [DllImport(Lib)] public static extern int ts_deterministic(int on, int warnOnly);
    [DllImport(Lib)] public static extern int ts_cuda_available();
    [DllImport(Lib)] public static extern int ts_cuda_count();
    [DllImport(Lib)] public static extern int ts_cuda_synchronize(int index);
    [DllImport(Lib)] public static extern int ts_cuda_empty_cache();
    [DllImport(Lib)] public static extern int ts_cuda_memory(int index, long* allocated, long* peak, long* reserved);
    [DllImport(Lib)] public static extern int ts_cuda_reset_peak(int index);
    [DllImport(Lib)] public static extern int ts_cuda_built();
    [DllImport(Lib)] public static extern int ts_get_switch(int which, int* on);
    [DllImport(Lib)] public static extern int ts_set_switch(int which, int on);

    [DllImport(Lib)] public static extern int ts_stream_current(int device, int index, StreamHandle* result);
    [DllImport(Lib)] public static extern int ts_stream_new(int device, int index, StreamHandle* result);
    [DllImport(Lib)] public static extern int ts_stream_set(StreamHandle* stream, StreamHandle* before);
    [DllImport(Lib)] public static extern int ts_stream_synchronize(StreamHandle* stream);
    [DllImport(Lib)] public static extern int ts_stream_wait(StreamHandle* waiting, StreamHandle* other);
    [DllImport(Lib)] public static extern int ts_stream_uses(StreamHandle* stream, nint t);
}
