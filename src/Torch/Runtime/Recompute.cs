using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// Activation checkpointing (Chen and others 2016, arXiv:1604.06174), as PyTorch's torch.utils.checkpoint: of a part of a model memory keeps the input alone, and the backward pass computes the
/// part again, with the random numbers of the first time.
/// </summary>
public static unsafe class Recompute
{
    /// <summary>body(x), computed again when its gradient is asked.</summary>
    /// <param name="body">The part; called twice, the second time perhaps on a thread of autograd's: it enters the autocast it needs itself and uses no tensor but x and the parameters.</param>
    /// <param name="x">Its input.</param>
    /// <param name="parameters">What else it takes gradients to.</param>
    /// <returns>The part's value; without a graph to record, it is computed plainly.</returns>
    public static torch.Tensor Run(Func<torch.Tensor, torch.Tensor> body, torch.Tensor x, IReadOnlyList<torch.Tensor> parameters)
    {
        if (!torch.is_grad_enabled())
        {
            return body(x);
        }

        var handles = parameters.Select(p => p.Handle).ToArray();
        nint result;
        int failed;
        var part = GCHandle.Alloc(new Part(body, x.device));
        fixed (nint* p = handles)
        {
            failed = RecomputeMethods.ts_recompute(x.Handle, p, handles.Length, &Call, &Release, GCHandle.ToIntPtr(part), &result);
        }

        GC.KeepAlive(x);
        GC.KeepAlive(parameters);
        NativeMethods.Check(failed);
        return new torch.Tensor(result);
    }

    [UnmanagedCallersOnly]
    static int Call(nint context, nint x, int again, nint* y)
    {
        try
        {
            *y = ((Part)GCHandle.FromIntPtr(context).Target!).Run(x, again != 0);
            return 0;
        }
#pragma warning disable CA1031 // no exception may cross native frames: the caller's side throws it again
        catch (Exception error)
#pragma warning restore CA1031
        {
            fixed (byte* text = NativeMethods.Utf8(error.Message))
            {
                RecomputeMethods.ts_set_error(text);
            }

            return 1;
        }
    }

    [UnmanagedCallersOnly]
    static void Release(nint context)
    {
        var handle = GCHandle.FromIntPtr(context);
        ((Part)handle.Target!).Dispose();
        handle.Free();
    }

    sealed class Part(Func<torch.Tensor, torch.Tensor> body, torch.Device device) : IDisposable
    {
        readonly torch.Generator[] _generators = device.type == DeviceType.CPU ? [torch.Generator.Default] : [torch.Generator.Default, TorchRuntime.DefaultGenerator(device)];

        // Of before the first computation; outside every scope, for they outlive those.
        torch.Tensor[] _states = [];

        public nint Run(nint x, bool again)
        {
            using var scope = torch.NewDisposeScope();
            var input = new torch.Tensor(x);
            if (!again)
            {
                _states = [.. _generators.Select(g => g.get_state().DetachFromDisposeScope())];
                return body(input).MoveHandle();
            }

            var now = _generators.Select(g => g.get_state()).ToArray();
            Restore(_states);
            try
            {
                return body(input).MoveHandle();
            }
            finally
            {
                Restore(now);
            }
        }

        public void Dispose()
        {
            foreach (var state in _states)
            {
                state.Dispose();
            }
        }

        void Restore(torch.Tensor[] states)
        {
            foreach (var (generator, state) in _generators.Zip(states))
            {
                generator.set_state(state);
            }
        }
    }
}
