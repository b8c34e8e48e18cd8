using DataPrep;
using DataPrep.Tables;
using TorchSharp;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Training.Guides;

/// <summary>A guide whose embeddings were made before: those of an embeddings artifact, found by the hash of the text. A corpus is so encoded once, not once an epoch.</summary>
public sealed class PrecomputedGuide : IGuide
{
    readonly Device _device;
    readonly Tensor _queries, _passages;

    PrecomputedGuide(string digest, Tensor queries, Tensor passages, Device device) => (Digest, _queries, _passages, _device) = (digest, queries, passages, device);

    /// <inheritdoc/>
    public string Digest { get; }

    /// <inheritdoc/>
    public int Dimensions => (int)_queries.shape[1];

    /// <summary>Reads the embeddings of the training set's texts.</summary>
    /// <param name="tables">Table store.</param>
    /// <param name="queries">Files of the queries' embeddings.</param>
    /// <param name="passages">Files of the passages' embeddings.</param>
    /// <param name="digest">Digest of the model that made them.</param>
    /// <param name="set">The training set, read with its texts.</param>
    /// <param name="options">Options.</param>
    /// <param name="student">Digest of the model that training starts from; null for a new one.</param>
    /// <param name="device">Where batches are wanted.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="TrainerException">The guide is the student, the set has no texts, or a text has no embedding.</exception>
    public static PrecomputedGuide Load(
        ITableStore tables, IReadOnlyList<string> queries, IReadOnlyList<string> passages, string digest, TrainingSet set, GuideOptions options, string? student, Device device,
        CancellationToken cancellationToken = default) =>
        From(
            RowTables.Embeddings.Read(tables, queries, cancellationToken), RowTables.Embeddings.Read(tables, passages, cancellationToken), digest, set, options, student, device);

    /// <summary>The same from rows.</summary>
    public static PrecomputedGuide From(
        IEnumerable<Embedding> queries, IEnumerable<Embedding> passages, string digest, TrainingSet set, GuideOptions options, string? student, Device device)
    {
        GuideCheck.RequireAnother(digest, student, options);
        var (queryTexts, passageTexts) = GuideCheck.Texts(set);
        using var scope = NewDisposeScope();
        var (q, p) = (Matrix(queries, queryTexts, "query"), Matrix(passages, passageTexts, "passage"));
        return q.shape[1] == p.shape[1]
            ? new PrecomputedGuide(digest, q.DetachFromDisposeScope(), p.DetachFromDisposeScope(), device)
            : throw new TrainerException($"The guide's embeddings of queries have {q.shape[1]} numbers, those of passages {p.shape[1]}; expected both from one model.");
    }

    /// <inheritdoc/>
    public Tensor Embed(TextRole role, ReadOnlySpan<int> texts)
    {
        using var scope = NewDisposeScope();
        var rows = new long[texts.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = texts[i];
        }

        return (role == TextRole.Query ? _queries : _passages).index_select(0, tensor(rows)).OnDevice(_device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queries.Dispose();
        _passages.Dispose();
    }

    // (texts, Dg)
    static Tensor Matrix(IEnumerable<Embedding> embeddings, IReadOnlyList<string> texts, string what)
    {
        var places = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var i = 0; i < texts.Count; i++)
        {
            var hash = CorpusEncoder.TextHash(texts[i]);
            (places.TryGetValue(hash, out var list) ? list : places[hash] = []).Add(i);
        }

        float[] values = [];
        var width = 0;
        foreach (var row in embeddings)
        {
            if (!places.Remove(row.TextHash, out var wanted))
            {
                continue;
            }

            if (width == 0)
            {
                width = row.Vector.Length;
                values = new float[checked(texts.Count * width)];
            }

            if (row.Vector.Length != width || width == 0)
            {
                throw new TrainerException($"The guide's embedding of the {what} '{row.Id}' has {row.Vector.Length} numbers, others have {width}; expected all from one model.");
            }

            foreach (var at in wanted)
            {
                row.Vector.CopyTo(values.AsSpan(at * width, width));
            }
        }

        if (places.Count > 0)
        {
            var first = texts[places.Values.Min(list => list[0])];
            throw new TrainerException(
                $"{places.Count} of {texts.Count} {what} texts have no embedding by the guide, the first of them '{(first.Length > 80 ? first[..80] + "..." : first)}'. " +
                "Encode the same documents and pairs, and the same part of a document (encode: passage), as the shards were made from. Where pairs have passages of their own (lead, crop), " +
                "no document has their text: give the guide's model instead of its embeddings.");
        }

        return tensor(values, [texts.Count, width]);
    }
}
