using System.Security.Cryptography;
using System.Text;
using DataPrep;
using static TorchSharp.torch;

namespace Trainer.Encoders;

/// <summary>Encodes texts as they stream by: memory holds one batch.</summary>
public static class CorpusEncoder
{
    /// <summary>Encodes texts, in order, one embedding per text, empty texts included.</summary>
    /// <param name="model">The model.</param>
    /// <param name="texts">Ids and texts; read once.</param>
    /// <param name="role">Side of retrieval the texts are on.</param>
    /// <param name="threads">Threads for tokenising and for libtorch.</param>
    /// <param name="known">Vector of a text hash made by the same model and role before, or null; null for none.</param>
    /// <param name="batchSize">Texts per batch.</param>
    /// <param name="total">Number of texts, for progress; 0 where not known.</param>
    /// <param name="progress">Texts done.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public static IEnumerable<Embedding> Run(
        EmbeddingModel model, IEnumerable<(string Id, string Text)> texts, TextRole role, int threads, Func<string, float[]?>? known = null, int batchSize = 4096,
        long total = 0, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        set_num_threads(threads);
        long done = 0;
        foreach (var batch in texts.Chunk(batchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var hashes = batch.Select(t => TextHash(t.Text)).ToArray();
            var vectors = hashes.Select(h => known?.Invoke(h)).ToArray();
            var fresh = Enumerable.Range(0, batch.Length).Where(i => vectors[i] is null).ToArray();
            var encoded = model.Encode(fresh.Select(i => batch[i].Text).ToList(), role, threads, steady: true, cancellationToken);
            for (var i = 0; i < fresh.Length; i++)
            {
                vectors[fresh[i]] = encoded[i];
            }

            for (var i = 0; i < batch.Length; i++)
            {
                yield return new Embedding(batch[i].Id, hashes[i], vectors[i]!);
            }

            done += batch.Length;
            progress?.Report(new StageProgress(done, total, "texts"));
        }
    }

    /// <summary>What a text's vector is kept under: lower-case hex of the first 16 bytes of the SHA-256 of its UTF-8 bytes.</summary>
    public static string TextHash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
