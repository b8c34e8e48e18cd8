using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using DataPrep.Shards;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Evaluation;

namespace Trainer.Training;

/// <summary>Writes the folder that <see cref="PackedTrainingSet"/> describes.</summary>
public static class PackedTrainingSetWriter
{
    /// <summary>Writes a set; equal arguments give equal bytes.</summary>
    /// <param name="folder">Where; made if absent, and must hold no set yet.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="shards">Length bucket and rows of each shard, in order.</param>
    /// <param name="tokenizer">Files of the tokenizer.</param>
    /// <param name="dev">Held-out queries, or null.</param>
    /// <param name="about">Digest of the shards, seed and lengths; what can be counted is filled in.</param>
    /// <returns>The manifest as written.</returns>
    /// <exception cref="TrainerException">The folder holds a set already.</exception>
    public static PackedManifest Write(
        string folder, TrainingSet rows, IReadOnlyList<ShardSummary> shards, FileSet tokenizer, RetrievalCollection? dev, PackedManifest about)
    {
        var path = Path.Combine(folder, PackedTrainingSet.TensorFile);
        if (File.Exists(path))
        {
            throw new TrainerException($"{folder} holds a packed training set already; name a folder that does not exist yet.");
        }

        var own = Path.Combine(folder, PackedTrainingSet.TokenizerFolder);
        Directory.CreateDirectory(own);
        foreach (var (name, file) in tokenizer.Paths.Where(f => !f.Key.Contains('/', StringComparison.Ordinal) && !f.Key.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            File.WriteAllBytes(Path.Combine(own, name), File.ReadAllBytes(file));
        }

        if (dev is not null)
        {
            PackedCollection.Write(Path.Combine(folder, PackedTrainingSet.DevFolder), dev);
        }

        SafetensorsWriter.Write(path, Tensors(rows));
        using var stream = File.OpenRead(path);
        var manifest = about with
        {
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(stream)),
            Rows = rows.Rows.Count,
            Queries = rows.Queries.Count,
            Passages = rows.Passages.Count,
            Sources = rows.Sources.Count,
            TeacherScores = HasScores(rows),
            Shards = shards,
        };
        manifest.Write(Path.Combine(folder, PackedTrainingSet.ManifestFile));
        return manifest;
    }

    static IEnumerable<SafetensorsTensor> Tensors(TrainingSet set) =>
    [
        .. Texts("queries", set.Queries), .. Texts("passages", set.Passages),
        Ints("rows.query", [.. set.Rows.Select(r => r.Query)]), Ints("rows.positive", [.. set.Rows.Select(r => r.Positive)]),
        .. Lists("rows.negatives", [.. set.Rows.Select(r => r.Negatives)]),
        Ints("passages.cluster", set.Clusters), .. Lists("queries.positives", set.Positives),
        Ints("rows.source", [.. set.Rows.Select(r => r.Source)]),
        .. Names("sources.files", [.. set.Sources.Select(s => Encoding.UTF8.GetBytes(s.File))]), .. Names("sources.generators", [.. set.Sources.Select(s => Encoding.UTF8.GetBytes(s.Generator))]),
        .. HasScores(set) ? (SafetensorsTensor[])[Floats("rows.scores", [.. set.Rows.SelectMany(r => r.Scores ?? Enumerable.Repeat(float.NaN, 1 + r.Negatives.Length))])] : [],
    ];

    static bool HasScores(TrainingSet set) => set.Rows.Any(r => r.Scores is not null);

    static SafetensorsTensor[] Names(string name, List<byte[]> names)
    {
        var starts = new long[names.Count + 1];
        for (var i = 0; i < names.Count; i++)
        {
            starts[i + 1] = starts[i] + names[i].Length;
        }

        return [new(name, SafetensorsType.U8, [starts[^1]], names.SelectMany(n => n).ToArray()), Longs(name + ".starts", starts)];
    }

    static SafetensorsTensor[] Texts(string name, TokenStore texts) => [Ints(name + ".ids", texts.Ids), Longs(name + ".starts", texts.Starts)];

    static SafetensorsTensor[] Lists(string name, int[][] lists)
    {
        var starts = new long[lists.Length + 1];
        for (var i = 0; i < lists.Length; i++)
        {
            starts[i + 1] = starts[i] + lists[i].Length;
        }

        return [Ints(name, [.. lists.SelectMany(l => l)]), Longs(name + ".starts", starts)];
    }

    static SafetensorsTensor Ints(string name, int[] values) => new(name, SafetensorsType.I32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    static SafetensorsTensor Floats(string name, float[] values) => new(name, SafetensorsType.F32, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    static SafetensorsTensor Longs(string name, long[] values) => new(name, SafetensorsType.I64, [values.Length], MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
}
