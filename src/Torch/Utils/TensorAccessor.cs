using System.Collections;

namespace TorchSharp.Utils;

/// <summary>The elements of a CPU tensor, read and written in row-major order of its shape, whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IEnumerable<T>, IDisposable
    where T : unmanaged
{
    readonly torch.Tensor tensor;

    internal TensorAccessor(torch.Tensor tensor)
    {
        tensor.RequireCpu();
        if (torch.TypeOf<T>() != tensor.dtype)
        {
            throw new ArgumentException($"data<{typeof(T).Name}> of a tensor of {tensor.dtype}: the types must be the same (see to).");
        }
        this.tensor = tensor;
    }

    /// <summary>Number of elements.</summary>
    public long Count => tensor.numel();

    /// <summary>The element at the given position, one index per dimension; one index alone counts in row-major order.</summary>
    public T this[params long[] indices]
    {
        get => *At(indices);
        set => *At(indices) = value;
    }

    public T[] ToArray()
    {
        var a = new T[Count];
        CopyTo(a.AsSpan());
        return a;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies the elements from <paramref name="tensorIndex"/> on into the span from <paramref name="arrayIndex"/> on.</summary>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        if (arrayIndex == 0 && tensorIndex == 0)
        {
            tensor.CopyTo(array);
            return;
        }
        var all = ToArray().AsSpan((int)tensorIndex);
        all[..Math.Min(all.Length, array.Length - arrayIndex)].CopyTo(array[arrayIndex..]);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    /// <summary>Overwrites elements from <paramref name="tensorIndex"/> on with the span's from <paramref name="arrayIndex"/> on.</summary>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        var n = (int)Math.Min(source.Length, Count - tensorIndex);
        if (tensor.is_contiguous())
        {
            source[..n].CopyTo(new Span<T>((T*)tensor.Pointer() + tensorIndex, n));
            GC.KeepAlive(tensor);
            return;
        }
        for (var k = 0; k < n; k++)
        {
            *At([tensorIndex + k]) = source[k];
        }
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Does nothing: the accessor owns nothing. There because TorchSharp's has it.</summary>
    public void Dispose()
    {
    }

    T* At(long[] indices)
    {
        var (shape, stride) = (tensor.shape, tensor.stride());
        long offset = 0;
        if (indices.Length == 1 && shape.Length != 1)
        {
            var rest = Checked(indices[0], Count);
            for (var k = shape.Length - 1; k >= 0; k--)
            {
                offset += rest % shape[k] * stride[k];
                rest /= shape[k];
            }
        }
        else if (indices.Length == shape.Length)
        {
            for (var k = 0; k < shape.Length; k++)
            {
                offset += Checked(indices[k], shape[k]) * stride[k];
            }
        }
        else
        {
            throw new ArgumentException($"{indices.Length} indices were given for a tensor of shape ({string.Join(", ", shape)}).", nameof(indices));
        }
        return (T*)tensor.Pointer() + offset;
    }

    static long Checked(long index, long size) =>
        index >= 0 && index < size ? index : throw new ArgumentOutOfRangeException(nameof(index), index, $"the index must be in [0, {size})");
}
