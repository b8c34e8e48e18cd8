using System.Buffers.Binary;
using System.Collections;
using System.Security.Cryptography;

namespace Trainer.Training.Batches;

/// <summary>
/// The batches of one epoch, made once: any batch is found in constant time, and there are exactly <see cref="Count"/>. A function of the rows, options, seed and epoch alone, so that a
/// resumed training and every process of several see the same batches in the same order.
/// </summary>
public sealed class EpochPlan : IReadOnlyList<int[]>
{
    readonly int[] _rows;
    readonly int[] _starts;

    internal EpochPlan(IReadOnlyList<int[]> batches, PlanReport report)
    {
        _starts = new int[batches.Count + 1];
        for (var i = 0; i < batches.Count; i++)
        {
            _starts[i + 1] = _starts[i] + batches[i].Length;
        }

        _rows = new int[_starts[^1]];
        for (var i = 0; i < batches.Count; i++)
        {
            batches[i].CopyTo(_rows, _starts[i]);
        }

        Report = report;
    }

    /// <summary>What became of the rows.</summary>
    public PlanReport Report { get; }

    /// <summary>Number of batches.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Row numbers of a batch.</summary>
    public int[] this[int index] => _rows[_starts[index].._starts[index + 1]];

    /// <summary>SHA-256 of all batches in order, in lower-case hex: equal plans have equal digests on every machine.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < Count; i++)
        {
            Append(_starts[i + 1] - _starts[i], bytes);
            foreach (var row in _rows.AsSpan(_starts[i].._starts[i + 1]))
            {
                Append(row, bytes);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(int value, Span<byte> buffer)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer, value);
            hash.AppendData(buffer);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<int[]> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
