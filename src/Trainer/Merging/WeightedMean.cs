using Trainer.Checkpoints;
using static TorchSharp.torch;

namespace Trainer.Merging;

/// <summary>The weighted mean of sets of tensors, tensor by tensor, added up in double and rounded once: Σ w_k · x_k with Σ w_k = 1.</summary>
public static class WeightedMean
{
    const int Shown = 5;

    /// <summary>The mean of files of the same tensors, such as <c>weights.safetensors</c> of the last checkpoints. Whole numbers must be equal in all.</summary>
    /// <param name="files">Paths of safetensors files.</param>
    /// <param name="weights">Weight of each; scaled to add up to 1.</param>
    /// <returns>Tensors of the first file's names, types and shapes.</returns>
    /// <exception cref="TrainerException">Names, types or shapes differ.</exception>
    public static IReadOnlyList<SafetensorsTensor> OfFiles(IReadOnlyList<string> files, IReadOnlyList<double> weights)
    {
        var shares = MergeShares.Normalize(weights);
        if (files.Count != shares.Count)
        {
            throw new TrainerException($"Found {shares.Count} weights for {files.Count} files to merge; expected one for each.");
        }

        var readers = new List<SafetensorsReader>();
        try
        {
            readers.AddRange(files.Select(f => new SafetensorsReader(f)));
            var names = readers.ConvertAll(r => r.Entries.Select(e => e.Name).ToHashSet(StringComparer.Ordinal));
            for (var k = 1; k < files.Count; k++)
            {
                RequireSame(files[0], names[0], files[k], names[k]);
            }

            return [.. readers[0].Entries.Select(entry => Mean(entry, readers, files, shares))];
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    /// <summary>Throws where two sets of names differ, with what each has alone.</summary>
    internal static void RequireSame(string first, IReadOnlySet<string> ours, string second, IReadOnlySet<string> its)
    {
        if (!ours.SetEquals(its))
        {
            throw new TrainerException($"{first} and {second} cannot be merged: only the first has {Some(ours.Except(its))}; only the second has {Some(its.Except(ours))}. Expected models of the same shape.");
        }
    }

    static string Some(IEnumerable<string> names)
    {
        var all = names.Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? "nothing" : string.Join(", ", all.Take(Shown)) + (all.Count > Shown ? $" and {all.Count - Shown} more" : "");
    }

    static SafetensorsTensor Mean(SafetensorsEntry entry, List<SafetensorsReader> readers, IReadOnlyList<string> files, IReadOnlyList<double> shares)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        SafetensorsTensor? first = null;
        Tensor? sum = null;
        for (var k = 0; k < readers.Count; k++)
        {
            var read = readers[k].Tensor(readers[k].Entries.Single(e => e.Name == entry.Name));
            first ??= read;
            if (read.Type != first.Type || !read.Shape.SequenceEqual(first.Shape))
            {
                throw new TrainerException($"'{entry.Name}' of {files[0]} is {first.Type} ({string.Join(", ", first.Shape)}), that of {files[k]} {read.Type} ({string.Join(", ", read.Shape)}): expected models of the same shape.");
            }

            if (FloatType(first.Type) is not { } type)
            {
                if (!read.Data.Span.SequenceEqual(first.Data.Span))
                {
                    throw new TrainerException($"'{entry.Name}' is {first.Type} and differs between {files[0]} and {files[k]}: only floating-point numbers have a mean.");
                }

                continue;
            }

            var values = empty([.. read.Shape], type);
            read.CopyTo(values);
            using var scaled = values.to(float64).mul_(shares[k]);
            sum = sum is null ? scaled.alias() : sum.add_(scaled);
        }

        if (sum is null)
        {
            return first!;
        }

        using var rounded = sum.to(FloatType(first!.Type)!.Value);
        return first with { Data = rounded.contiguous().bytes.ToArray() };
    }

    static ScalarType? FloatType(SafetensorsType type) => type switch
    {
        SafetensorsType.F16 => float16,
        SafetensorsType.BF16 => bfloat16,
        SafetensorsType.F32 => float32,
        SafetensorsType.F64 => float64,
        _ => null,
    };
}
