using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Opens a scope that disposes, at its end, the tensors made in it on this thread.</summary>
    public static DisposeScope NewDisposeScope() => new();

    /// <summary>The innermost open scope of this thread, or null.</summary>
    public static DisposeScope? CurrentDisposeScope => DisposeScope.Current;

    /// <summary>
    /// A tensor of libtorch. Members carry PyTorch's names and meaning and TorchSharp's signatures; a trailing underscore works in place
    /// and returns this very object. Dispose it, or make it inside a <see cref="NewDisposeScope"/>; the finalizer is only a safety net.
    /// Faults surface as <see cref="TorchException"/> with PyTorch's message.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        nint handle;

        /// <summary>Takes over a handle with its reference and joins the thread's scope.</summary>
        internal Tensor(nint handle)
            : this(handle, register: true)
        {
        }

        private protected Tensor(nint handle, bool register)
        {
            this.handle = handle;
            if (register)
            {
                DisposeScope.Current?.Add(this);
            }
        }

        ~Tensor() => ReleaseHandle();

        internal DisposeScope? OwningScope { get; set; }

        internal int Slot { get; set; }

        /// <summary>The native handle: a TensorImpl pointer that this object owns a reference of.</summary>
        /// <exception cref="ObjectDisposedException">The tensor was disposed, by hand or by its scope.</exception>
        public nint Handle => handle != 0
            ? handle
            : throw new ObjectDisposedException(nameof(Tensor), "The tensor was disposed, by hand or with the dispose scope that it was made in (see MoveToOuterDisposeScope).");

        /// <summary>Whether the tensor was disposed.</summary>
        public bool IsInvalid => handle == 0;

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives the tensor to the scope around its own; without one, to the caller.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its scope: the caller disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Remove(this);
            return this;
        }

        /// <summary>Gives the tensor to <paramref name="other"/>, or to the caller when that is null.</summary>
        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            OwningScope?.Remove(this);
            other?.Add(this);
            return this;
        }

        protected virtual void Dispose(bool disposing)
        {
            if (disposing)
            {
                OwningScope?.Remove(this);
                ReleaseHandle();
            }
        }

        /// <summary>Gives the handle away; the object is empty after it.</summary>
        internal nint MoveHandle()
        {
            var h = Handle;
            OwningScope?.Remove(this);
            handle = 0;
            GC.SuppressFinalize(this);
            return h;
        }

        /// <summary>Called by the scope, which releases the handle itself.</summary>
        internal nint LeaveScope()
        {
            var h = handle;
            handle = 0;
            OwningScope = null;
            GC.SuppressFinalize(this);
            return h;
        }

        /// <summary>Puts another tensor's handle in the place of this one's.</summary>
        internal void ConvertInPlace(ScalarType? type, Device? device)
        {
            var wanted = type is not null && is_floating_point() ? type.Value : dtype;
            TakeHandle(to(wanted, device ?? this.device));
        }

        private protected void TakeHandle(Tensor other)
        {
            var old = handle;
            handle = other.MoveHandle();
            NativeMethods.ts_release(old);
        }

        void ReleaseHandle()
        {
            var h = Interlocked.Exchange(ref handle, 0);
            if (h != 0)
            {
                NativeMethods.ts_release(h);
            }
        }
    }
}
