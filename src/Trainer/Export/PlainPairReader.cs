using System.Text.Json;
using Trainer.Encoders;

namespace Trainer.Export;

/// <summary>
/// Reads an exported cross-encoder's folder as Transformers does, by the names that its model for sequence classification has, and scores pairs in plain C#, without libtorch and without the code that wrote the folder;
/// only the tokenizers are the same.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="threads">Threads at most.</param>
public sealed class PlainPairReader(string folder, int threads = 1)
{
    /// <summary>Scores of pairs, label by label.</summary>
    /// <param name="pairs">Queries and passages.</param>
    /// <param name="maxLength">Tokens kept of a pair, the longer text cut first.</param>
    /// <param name="cancellationToken">Stops between blocks of a layer.</param>
    /// <exception cref="TrainerException">A file is missing or not as expected.</exception>
    public float[] Score(IReadOnlyList<(string Query, string Passage)> pairs, int maxLength, CancellationToken cancellationToken = default)
    {
        var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(folder));
        var encoded = pairs.Select(p => tokenizer.EncodePair(p.Query, p.Passage, maxLength)).ToList();
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, ModelFolder.ConfigFile)));
        var config = json.RootElement;
        var bert = config.GetProperty("architectures")[0].GetString() == "BertForSequenceClassification";
        var labels = config.GetProperty("num_labels").GetInt32();
        using var encoder = new PlainTransformer(folder, bert ? "bert." : "roberta.");
        var states = encoder.States([.. encoded.Select(p => p.Ids)], config.GetProperty("type_vocab_size").GetInt32() > 1 ? [.. encoded.Select(p => p.TypeIds)] : null, threads, cancellationToken);
        var (first, at) = (new float[pairs.Count * encoder.Width], 0);
        for (var i = 0; i < pairs.Count; i++)
        {
            Array.Copy(states, at, first, i * encoder.Width, encoder.Width);
            at += encoded[i].Ids.Length * encoder.Width;
        }

        using var weights = new PlainWeights(Path.Combine(folder, ModelFolder.WeightsFile));
        var (dense, output) = bert ? ("bert.pooler.dense", "classifier") : ("classifier.dense", "classifier.out_proj");
        var hidden = Array.ConvertAll(Linear(first, dense, encoder.Width), MathF.Tanh);
        return Linear(hidden, output, labels);

        float[] Linear(float[] values, string name, int outputs) => PlainMath.Linear(
            values, pairs.Count, weights.Read($"{name}.weight", outputs, values.Length / pairs.Count), weights.Read($"{name}.bias", outputs), threads, cancellationToken);
    }
}
