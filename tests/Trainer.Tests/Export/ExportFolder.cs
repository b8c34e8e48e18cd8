using System.Text.Json;
using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Heads;
using Trainer.Tests.Encoders;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Export;

/// <summary>A folder to export into, models to export, and python3-torch's word on what became of them.</summary>
sealed class ExportFolder : IDisposable
{
    public ExportFolder() => PythonTorch.RequireTorch();

    public string Root { get; } = Directory.CreateTempSubdirectory("export-").FullName;

    /// <summary>Where the exported folder appears.</summary>
    public string Target => Path.Combine(Root, "exported");

    public string Card => File.ReadAllText(Path.Combine(Target, Exporter.CardFile));

    public static FileSet Files(string golden) => FileSet.FromFolder(Fixture.Shared($"golden/{golden}"));

    public static ModelCardSources Sources() => new()
    {
        ModelId = "mmmm",
        Data = [new CardArtifact("documents", "dddd", "7 rows")],
        Files = ["corpus/a.jsonl"],
        Scores = new CardScores("ssss", "trec, complete", 7, 20, [("bm25", [new CardMetric("ndcg@10", 0.25, null, null)]), ("model", [new CardMetric("ndcg@10", 0.5, 0.4, 0.6)])]),
    };

    public static EmbeddingModel StaticModel(QuerySide side, bool normalize)
    {
        var tokenizer = ModelFolder.LoadTokenizer(Files("bert-mini"));
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        var encoder = StaticEncoder.From(tokenizer.VocabularySize, 16, side, (name, shape) => (randn(shape) * (shape.Length == 1 ? 0.5 : 1)).data<float>().ToArray());
        return new EmbeddingModel(Config(tokenizer, encoder, normalize) with { QuerySide = side, Pooling = "weighted_mean" }, tokenizer, encoder, "digest");
    }

    public static EmbeddingModel Transformer(string golden, PoolingMode pooling, bool normalize)
    {
        var encoder = new PooledTransformer(TransformerEncoder.Load(Files(golden)), pooling);
        var tokenizer = ModelFolder.LoadTokenizer(Files(golden));
        return new EmbeddingModel(Config(tokenizer, encoder, normalize) with { Pooling = PoolingNames.Of(pooling) }, tokenizer, encoder, "digest");
    }

    /// <summary>A new ModernBERT with the tokenizer of a golden folder; its windows are shorter than most texts.</summary>
    public static EmbeddingModel Modern(string golden, TransformerConfig shape)
    {
        var tokenizer = ModelFolder.LoadTokenizer(Files(golden));
        var encoder = new PooledTransformer(ModernBert.Create(shape with { VocabularySize = tokenizer.VocabularySize, PadTokenId = tokenizer.PadId }), PoolingMode.Mean);
        return new EmbeddingModel(Config(tokenizer, encoder, normalize: true), tokenizer, encoder, "digest");
    }

    public ExportReport Export(EmbeddingModel model, string golden) =>
        Exporter.Export(model, Files(golden), Target, new ExportOptions(), Sources(), ["A text of the corpus."], 2, TestContext.Current.CancellationToken);

    /// <summary>Embeds all samples in both roles, in python3-torch by the rules of sentence-transformers, and compares them with the model's.</summary>
    public void CompareWithPython(EmbeddingModel model, string queryTokenizer = "", string passageTokenizer = "")
    {
        using var python = new PythonTorch();
        var texts = ExportSamples.With([]);
        foreach (var (role, folder, length) in new[] { (TextRole.Query, queryTokenizer, model.Config.QueryLength), (TextRole.Passage, passageTokenizer, model.Config.PassageLength) })
        {
            var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(Path.Combine(Target, folder)));
            var ids = texts.Select(t => tokenizer.Encode(model.Prompted(t, role), length, model.Encoder is not StaticEncoder));
            File.WriteAllText(Path.Combine(python.Folder, $"{Name(role)}.json"), JsonSerializer.Serialize(ids));
        }

        python.Run("../Export/exported.py", Target);
        foreach (var role in new[] { TextRole.Query, TextRole.Passage })
        {
            var found = python.Read<float>($"{Name(role)}.f32");
            var expected = model.Encode(texts, role, 2, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(texts.Count * model.Config.Dimensions, found.Length);
            for (var i = 0; i < found.Length; i++)
            {
                Assert.Equal(expected[i / model.Config.Dimensions][i % model.Config.Dimensions], found[i], 1e-5);
            }
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    static string Name(TextRole role) => role == TextRole.Query ? "query" : "passage";

    static ModelConfig Config(ITokenizer tokenizer, IEncoder encoder, bool normalize) => new()
    {
        ModelType = encoder.Type,
        Dimensions = encoder.Dimensions,
        VocabularySize = tokenizer.VocabularySize,
        Pooling = "mean",
        Normalize = normalize,
        QueryLength = 24,
        PassageLength = 64,
        QueryPrompt = "query: ",
        PassagePrompt = "passage: ",
    };
}
