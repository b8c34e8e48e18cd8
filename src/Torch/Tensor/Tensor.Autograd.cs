using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>Whether operations on the tensor are recorded for <see cref="backward()"/>.</summary>
        public bool requires_grad
        {
            get
            {
                var r = NativeMethods.ts_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return r;
            }
            set
            {
                var failed = NativeMethods.ts_set_requires_grad(Handle, value ? 1 : 0);
                GC.KeepAlive(this);
                NativeMethods.Check(failed);
            }
        }

        /// <summary>The gradient that backward gathered, or null. Every read makes a handle of its own of the same gradient.</summary>
        public Tensor? grad
        {
            get
            {
                nint h;
                var failed = NativeMethods.ts_grad(Handle, &h);
                GC.KeepAlive(this);
                NativeMethods.Check(failed);
                return h == 0 ? null : new Tensor(h);
            }
            set
            {
                var failed = NativeMethods.ts_set_grad(Handle, value?.Handle ?? 0);
                GC.KeepAlive(this);
                GC.KeepAlive(value);
                NativeMethods.Check(failed);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Adds the gradient of this scalar to every leaf it depends on.</summary>
        public void backward() => autograd.backward([this]);

        /// <summary>Adds the gradient of this tensor, weighted by grad_tensors, to every leaf it depends on.</summary>
        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph);
    }
}
