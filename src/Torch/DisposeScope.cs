using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// Owns the tensors made on its thread while it is the innermost scope, and disposes what is left of them at its end. Scopes are how
/// memory is returned in time: a tensor is a tiny managed object, so the garbage collector does not see the pressure.
/// Scopes belong to a thread: no await between <see cref="torch.NewDisposeScope"/> and the scope's end.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    static DisposeScope? current;

    readonly List<torch.Tensor?> slots = [];
    int count;
    bool disposed;

    internal DisposeScope()
    {
        OuterScope = current;
        current = this;
    }

    /// <summary>The innermost scope of this thread.</summary>
    internal static DisposeScope? Current => current;

    /// <summary>The scope around this one, or null.</summary>
    public DisposeScope? OuterScope { get; private set; }

    /// <summary>How many tensors the scope would dispose now.</summary>
    public int DisposablesCount => count;

    /// <summary>Gives a tensor to the scope around this one, or to nobody when there is none.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : torch.Tensor => MoveToOther(OuterScope, disposable);

    /// <summary>Gives two tensors to the scope around this one.</summary>
    public (T1 First, T2 Second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : torch.Tensor
        where T2 : torch.Tensor => (MoveToOuter(first), MoveToOuter(second));

    /// <summary>Gives a tensor to another scope, or to nobody.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : torch.Tensor
    {
        ArgumentNullException.ThrowIfNull(disposable);
        Remove(disposable);
        scope?.Add(disposable);
        return disposable;
    }

    /// <summary>Takes a tensor out of the scope: its owner disposes it.</summary>
    public T Detach<T>(T disposable)
        where T : torch.Tensor => MoveToOther(null, disposable);

    /// <summary>Takes a tensor into the scope, out of whichever it was in.</summary>
    public T Attach<T>(T disposable)
        where T : torch.Tensor
    {
        ArgumentNullException.ThrowIfNull(disposable);
        disposable.OwningScope?.Remove(disposable);
        Add(disposable);
        return disposable;
    }

    /// <summary>Disposes all tensors of the scope now; the scope stays open.</summary>
    public unsafe void DisposeEverything()
    {
        var handles = new nint[count];
        var n = 0;
        foreach (var t in slots)
        {
            if (t is not null)
            {
                handles[n++] = t.LeaveScope();
            }
        }
        slots.Clear();
        count = 0;
        fixed (nint* p = handles)
        {
            NativeMethods.ts_release_many(p, n);
        }
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }
        disposed = true;
        if (count > 0)
        {
            DisposeEverything();
        }
        if (current == this)
        {
            current = OuterScope;
            return;
        }
        for (var s = current; s is not null; s = s.OuterScope)
        {
            if (s.OuterScope == this)
            {
                s.OuterScope = OuterScope;
                return;
            }
        }
    }

    internal void Add(torch.Tensor t)
    {
        // Tensors disposed one by one leave holes; closing them when they are the majority keeps a long-lived scope small.
        if (slots.Count > 64 && slots.Count > 2 * count)
        {
            var kept = 0;
            for (var k = 0; k < slots.Count; k++)
            {
                if (slots[k] is { } other)
                {
                    other.Slot = kept;
                    slots[kept++] = other;
                }
            }
            slots.RemoveRange(kept, slots.Count - kept);
        }
        t.OwningScope = this;
        t.Slot = slots.Count;
        slots.Add(t);
        count++;
    }

    internal void Remove(torch.Tensor t)
    {
        if (t.OwningScope != this)
        {
            return;
        }
        slots[t.Slot] = null;
        t.OwningScope = null;
        count--;
    }
}
