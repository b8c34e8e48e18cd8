using DataPrep.Text;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;

namespace Trainer.Export;

/// <summary>A transformer as a folder of Transformers and sentence-transformers: one safetensors file of 32-bit floats, whatever files it was loaded from.</summary>
static class TransformerExport
{
    /// <summary>Files of heads: they lie beside the model and are read by those who know them.</summary>
    static readonly string[] HeadNames =
        [SparseHead.FileName + ".pt", SparseHead.FileName + ".safetensors", MultiVectorHead.FileName + ".pt", MultiVectorHead.FileName + ".safetensors"];

    /// <summary>Names of the heads' files among a model's.</summary>
    public static IReadOnlyList<string> Heads(FileSet files) => [.. HeadNames.Where(files.Has)];

    /// <summary>Writes the folder's files.</summary>
    /// <returns>Notes for whoever loads it.</returns>
    public static List<string> Write(string folder, EmbeddingModel model, FileSet files)
    {
        var (config, encoder) = (model.Config, (ITransformerModel)model.Encoder);
        var shape = encoder.Transformer.Config;
        var length = Math.Max(config.QueryLength, config.PassageLength);
        TransformerConfigWriter.Write(shape, Path.Combine(folder, ModelFolder.ConfigFile), TransformerConfigWriter.Architecture(shape));
        SentenceTransformersFiles.Write(folder, config, encoder.Pooling, length, shape.HiddenSize, encoder.Projection is not null);
        WriteProjection(Path.Combine(folder, Projection.Folder), encoder.Projection);
        SafetensorsWriter.Write(Path.Combine(folder, ModelFolder.WeightsFile), encoder.Transformer.Parameters.Select(p => ModelFolder.ToFile(p.Name, p.Value)), new Dictionary<string, string> { ["format"] = "pt" });
        foreach (var name in TokenizerFiles.Names.Append("special_tokens_map.json").Distinct().Concat(HeadNames).Where(files.Has))
        {
            File.Copy(files[name], Path.Combine(folder, name));
        }

        WritePickledHeads(folder, files, shape.HiddenSize);
        if (!files.Has("tokenizer_config.json"))
        {
            WriteTokenizerConfig(folder, shape, length);
        }

        List<string> notes = [];
        if (config.QueryLength != config.PassageLength)
        {
            notes.Add($"One length serves both roles there: texts are cut after {length} tokens, here queries after {config.QueryLength} and passages after {config.PassageLength}. Set max_seq_length before queries are encoded for equal results.");
        }

        if (encoder.Pooling is PoolingMode.WeightedMean or PoolingMode.LastToken)
        {
            notes.Add("This way of pooling is known to sentence-transformers 2.3 and later.");
        }

        return notes;
    }

    /// <summary>The Dense module in both forms: versions before 3.0 look for <c>pytorch_model.bin</c> alone.</summary>
    static void WriteProjection(string folder, Projection? projection)
    {
        if (projection is null)
        {
            return;
        }

        projection.Write(folder);
        using var written = new SafetensorsReader(Path.Combine(folder, ModelFolder.WeightsFile));
        PickledTensorsWriter.Write(Path.Combine(folder, "pytorch_model.bin"), [.. written.Entries.Select(e => (e.Name, e.Shape.ToArray(), written.Floats(e.Name, [.. e.Shape])))]);
    }

    // FlagEmbedding reads the .pt files alone, and only where both are there.
    static void WritePickledHeads(string folder, FileSet files, int width)
    {
        if (HeadNames.Any(n => files.Has(n) != n.EndsWith(".safetensors", StringComparison.Ordinal)))
        {
            return;
        }

        using var heads = new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = true, Sparse = SparseHead.Load(files, width, []), MultiVector = MultiVectorHead.Load(files, width) };
        HeadFiles.WritePickled(folder, heads);
    }

    /// <summary>Transformers finds the class by the model type, but would take its own length.</summary>
    internal static void WriteTokenizerConfig(string folder, TransformerConfig config, int length) => JsonFile.Write(Path.Combine(folder, "tokenizer_config.json"), json =>
    {
        if (config.Modern is not null)
        {
            // ModernBertModel takes no token types.
            json.WriteStartArray("model_input_names");
            json.WriteStringValue("input_ids");
            json.WriteStringValue("attention_mask");
            json.WriteEndArray();
        }

        json.WriteNumber("model_max_length", length);
        json.WriteString("tokenizer_class", config.ModelType switch
        {
            TransformerConfig.XlmRoberta => "XLMRobertaTokenizer",
            TransformerConfig.ModernBert => "PreTrainedTokenizerFast",
            _ => "BertTokenizer",
        });
    });
}
