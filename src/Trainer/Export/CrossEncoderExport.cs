using System.Text.Json.Nodes;
using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;

namespace Trainer.Export;

/// <summary>
/// A cross-encoder as a folder that sentence-transformers' CrossEncoder and Transformers' AutoModelForSequenceClassification load without code of ours, with a model card. It is read again in plain C# and the scores of
/// 64 pairs are compared before it appears. Equal models and options give equal bytes.
/// </summary>
public static class CrossEncoderExport
{
    // Behind a single score sentence-transformers would put a sigmoid: the first key is read from version 4 on, the other one before.
    const string Activation = "torch.nn.modules.linear.Identity";

    /// <summary>Writes the folder.</summary>
    /// <param name="model">The cross-encoder.</param>
    /// <param name="files">Its files: the tokenizer's are taken as they are.</param>
    /// <param name="folder">Where it appears; it must not be there, or be empty.</param>
    /// <param name="options">Options.</param>
    /// <param name="card">What the model card tells of its making.</param>
    /// <param name="samples">Texts of the model's own field for the comparison; it has texts of its own for the rest.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancellationToken">Stops; nothing is left behind.</param>
    /// <exception cref="TrainerException">The folder is not empty, or what was written is not the model.</exception>
    public static ExportReport Export(
        CrossEncoder model, FileSet files, string folder, ExportOptions options, ModelCardSources card, IEnumerable<string>? samples = null, int threads = 1, CancellationToken cancellationToken = default)
    {
        if (options.Heads)
        {
            throw new TrainerException($"{files.Label} is a cross-encoder and has no heads beside it; expected a model that embeds texts, as heads were asked for.");
        }

        var texts = ExportSamples.With(samples ?? []);
        var pairs = texts.Select((text, i) => (Query: text, Passage: texts[((i * 7) + 3) % texts.Count])).ToList();
        double difference = 0;
        var names = Exporter.Whole(folder, temporary =>
        {
            model.Save(temporary, files);
            foreach (var name in new[] { "special_tokens_map.json" }.Where(files.Has))
            {
                File.Copy(files[name], Path.Combine(temporary, name), overwrite: true);
            }

            if (!files.Has("tokenizer_config.json"))
            {
                TransformerExport.WriteTokenizerConfig(temporary, model.Config, model.Config.MaxLength);
            }

            WriteUse(Path.Combine(temporary, ModelFolder.ConfigFile), model.Labels);
            File.WriteAllText(Path.Combine(temporary, Exporter.CardFile), CrossEncoderCard.Text(model, options, card));
            difference = Compare(model, ModelFolder.LoadTokenizer(files), temporary, pairs, threads, cancellationToken);
        });
        return new ExportReport(names, model.Labels, pairs.Count, difference, []);
    }

    static void WriteUse(string path, int labels)
    {
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config["num_labels"] = labels;
        config["sentence_transformers"] = new JsonObject { ["activation_fn"] = Activation };
        config["sbert_ce_default_activation_function"] = Activation;
        JsonFile.WriteValue(path, json => config.WriteTo(json));
    }

    static double Compare(CrossEncoder model, ITokenizer tokenizer, string folder, List<(string Query, string Passage)> pairs, int threads, CancellationToken cancellationToken)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var constant = TorchSharp.torch.no_grad();
        model.Training = false;
        var encoded = pairs.ConvertAll(p => tokenizer.EncodePair(p.Query, p.Passage, model.Config.MaxLength));
        var expected = model.Forward(model.Batch(encoded)).cpu().data<float>().ToArray();
        var found = new PlainPairReader(folder, threads).Score(pairs, model.Config.MaxLength, cancellationToken);
        double largest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            // Over the score's size where that is above one.
            var difference = Math.Abs((double)expected[i] - found[i]) / Math.Max(1, Math.Abs(expected[i]));
            if (!(difference <= ExportCheck.Tolerance))
            {
                throw new TrainerException(
                    $"The exported folder was read again and scores a pair otherwise than the model: {found[i]:G6} instead of {expected[i]:G6}. The pair: '{Shown(pairs[i / model.Labels].Query)}' and " +
                    $"'{Shown(pairs[i / model.Labels].Passage)}'. Nothing was published; this is a fault of the program, or of the machine.");
            }

            largest = Math.Max(largest, difference);
        }

        return largest;
    }

    static string Shown(string text) => text.Length > 60 ? text[..60] + "..." : text;
}
