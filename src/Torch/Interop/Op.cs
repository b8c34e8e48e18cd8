using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>An ATen operator, named by its schema as libtorch 1.13 prints it; called through the boxed dispatcher.</summary>
sealed unsafe class Op
{
    const int StackWords = 96;
    const int MaxResults = 8;

    nint handle;

    /// <param name="expected">The schema, with "aten::".</param>
    /// <param name="optional">True where some supported libtorch has no such operator and the caller has another way.</param>
    public Op(string expected, bool optional = false)
    {
        Expected = OpSchema.Parse(expected);
        Optional = optional;
    }

    public OpSchema Expected { get; }

    public bool Optional { get; }

    /// <summary>Whether this libtorch has the operator.</summary>
    public bool Exists
    {
        get
        {
            OpTable.EnsureResolved();
            return handle != 0;
        }
    }

    /// <summary>Looks the operator up and compares its schema; returns what is wrong, or null.</summary>
    public string? Resolve()
    {
        if (handle != 0)
        {
            return Compare();
        }
        fixed (byte* name = NativeMethods.Utf8(Expected.Name), overload = NativeMethods.Utf8(Expected.Overload))
        {
            nint found = 0;
            NativeMethods.Check(NativeMethods.ts_op_find(name, overload, &found));
            handle = found;
        }
        if (handle == 0)
        {
            return Optional ? null : $"{Expected.FullName}: this libtorch has no such operator; expected {Expected.Text}";
        }
        return Compare();
    }

    /// <summary>Calls an operator with one tensor result.</summary>
    public torch.Tensor Call(params ReadOnlySpan<Arg> args)
    {
        Val r;
        Invoke(args, new Span<Val>(&r, 1));
        return new torch.Tensor(r.P);
    }

    /// <summary>Calls an operator with two tensor results.</summary>
    public (torch.Tensor First, torch.Tensor Second) CallPair(params ReadOnlySpan<Arg> args)
    {
        var r = stackalloc Val[2];
        Invoke(args, new Span<Val>(r, 2));
        return (new torch.Tensor(r[0].P), new torch.Tensor(r[1].P));
    }

    /// <summary>Calls an operator with several tensor results and keeps the first.</summary>
    public torch.Tensor CallFirst(params ReadOnlySpan<Arg> args)
    {
        var r = stackalloc Val[MaxResults];
        var n = Invoke(args, new Span<Val>(r, MaxResults));
        Release(new ReadOnlySpan<Val>(r + 1, n - 1));
        return new torch.Tensor(r[0].P);
    }

    /// <summary>Calls an operator whose result is a list of tensors.</summary>
    public torch.Tensor[] CallList(params ReadOnlySpan<Arg> args)
    {
        Val r;
        Invoke(args, new Span<Val>(&r, 1));
        var list = new torch.Tensor[r.N];
        for (var k = 0; k < list.Length; k++)
        {
            list[k] = new torch.Tensor(((nint*)r.P)[k]);
        }
        NativeMethods.ts_free(r.P);
        return list;
    }

    /// <summary>Calls an operator whose result is a Boolean value.</summary>
    public bool CallBool(params ReadOnlySpan<Arg> args)
    {
        Val r;
        Invoke(args, new Span<Val>(&r, 1));
        return r.I != 0;
    }

    /// <summary>Calls an operator for its effect and lets its results, which alias an argument, go.</summary>
    public void Run(params ReadOnlySpan<Arg> args)
    {
        var r = stackalloc Val[MaxResults];
        var n = Invoke(args, new Span<Val>(r, MaxResults));
        Release(new ReadOnlySpan<Val>(r, n));
    }

    string? Compare()
    {
        var actual = Marshal.PtrToStringUTF8((nint)NativeMethods.ts_op_schema(handle))!;
        var fault = Expected.DifferenceFrom(OpSchema.Parse(actual));
        return fault is null ? null : $"{Expected.FullName}: {fault}; expected {Expected.Text}, found {actual}";
    }

    static void Release(ReadOnlySpan<Val> results)
    {
        foreach (var r in results)
        {
            if (r.Tag == Tag.Tensor)
            {
                NativeMethods.ts_release(r.P);
            }
        }
    }

    int Invoke(ReadOnlySpan<Arg> args, Span<Val> results)
    {
        if (handle == 0)
        {
            OpTable.EnsureResolved();
            if (handle == 0)
            {
                throw new TorchException($"{Expected.FullName}: libtorch {TorchRuntime.Version} has no such operator.");
            }
        }
        var words = 0;
        foreach (ref readonly var a in args)
        {
            words += a.Words;
        }
        var rented = words > StackWords ? ArrayPool<long>.Shared.Rent(words) : null;
        Span<long> scratch = rented is not null ? rented : stackalloc long[StackWords];
        Span<Val> vals = stackalloc Val[args.Length];
        int count = results.Length, failed;
        fixed (long* p = scratch)
        {
            var next = p;
            for (var k = 0; k < args.Length; k++)
            {
                ref readonly var a = ref args[k];
                vals[k].Tag = a.Tag;
                vals[k].N = a.N;
                if (a.Ref is null || a.Tag == Tag.Tensor)
                {
                    vals[k].I = a.Bits;
                }
                else
                {
                    vals[k].P = (nint)next;
                    next += Flatten(a, next);
                }
            }
            fixed (Val* v = vals, r = results)
            {
                failed = NativeMethods.ts_call(handle, v, args.Length, r, &count);
            }
        }
        // Nothing above holds the tensors but the caller's span: without this their finalizers may run during the call.
        foreach (ref readonly var a in args)
        {
            GC.KeepAlive(a.Ref);
        }
        if (rented is not null)
        {
            ArrayPool<long>.Shared.Return(rented);
        }
        NativeMethods.Check(failed);
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static int Flatten(in Arg a, long* to)
    {
        switch (a.Ref)
        {
            case long[] ints:
                ints.CopyTo(new Span<long>(to, ints.Length));
                break;
            case torch.Tensor?[] tensors:
                for (var k = 0; k < tensors.Length; k++)
                {
                    to[k] = tensors[k]?.Handle ?? 0;
                }
                break;
            case double[] scalars:
                for (var k = 0; k < scalars.Length; k++)
                {
                    ((Val*)to)[k] = new Val { Tag = Tag.Double, D = scalars[k] };
                }
                break;
            case byte[] utf8:
                utf8.CopyTo(new Span<byte>(to, utf8.Length));
                break;
        }
        return a.Words;
    }
}
