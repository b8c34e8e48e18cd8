using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>No graph is recorded on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new AutoGradMode(false);

    /// <summary>A graph is recorded on this thread until the result is disposed.</summary>
    public static IDisposable enable_grad(bool enabled = true) => new AutoGradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new AutoGradMode(mode);

    public static bool is_grad_enabled() => AutoGradMode.IsEnabled;

    /// <summary>
    /// Neither graph nor version counters on this thread until the result is disposed; tensors made here can never join a graph.
    /// </summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => InferenceMode.IsEnabled;

    public static unsafe class autograd
    {
        /// <summary>Adds the gradients of the tensors to every leaf they depend on.</summary>
        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false)
        {
            var (t, g) = (Handles(tensors), Handles(grad_tensors));
            int failed;
            fixed (nint* tp = t, gp = g)
            {
                failed = NativeMethods.ts_backward(tp, t.Length, gp, g.Length, retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0);
            }
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            NativeMethods.Check(failed);
        }

        /// <summary>The gradients of outputs with respect to inputs; no leaf's grad changes.</summary>
        /// <returns>One tensor per input; null, only with <paramref name="allow_unused"/>, where the outputs do not depend on it.</returns>
        public static IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            var (o, i, g) = (Handles(outputs), Handles(inputs), Handles(grad_outputs));
            var results = new nint[i.Length];
            int failed;
            fixed (nint* op = o, ip = i, gp = g, rp = results)
            {
                failed = NativeMethods.ts_autograd_grad(
                    op, o.Length, ip, i.Length, gp, g.Length, retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, rp);
            }
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            NativeMethods.Check(failed);
            return [.. results.Select(h => h == 0 ? null! : new Tensor(h))];
        }

        static nint[] Handles(IList<Tensor>? tensors) => tensors is null ? [] : [.. tensors.Select(t => t.Handle)];
    }
}
