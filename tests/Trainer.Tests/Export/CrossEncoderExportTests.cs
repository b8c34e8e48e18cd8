using System.Text.Json;
using System.Text.Json.Nodes;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Tests.Encoders;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Export;

/// <summary>Cross-encoders as folders for others: python3-torch reads them by Hugging Face's names and gives the same scores.</summary>
[Collection(TorchCollection.Name)]
public sealed class CrossEncoderExportTests
{
    static readonly (string Query, string Passage)[] Pairs =
        [("wings", "Birds have wings and feathers."), ("a longer query about engines", "oil"), ("", "nothing"), ("What is lift?", string.Join(' ', Enumerable.Repeat("the pressure below a wing", 30)))];

    [Theory]
    [InlineData("bert-mini", "BertForSequenceClassification")]
    [InlineData("xlmr-mini", "XLMRobertaForSequenceClassification")]
    public void Export_WritesWhatPythonReads_WithTheSameScores(string golden, string architecture)
    {
        using var exported = new ExportFolder();
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        var files = ExportFolder.Files(golden);
        using var model = CrossEncoder.Start(files, 9);

        var report = CrossEncoderExport.Export(model, files, exported.Target, new ExportOptions { Title = "A ranker" }, ExportFolder.Sources(), ["A text of the corpus."], 2, TestContext.Current.CancellationToken);

        Assert.Equal((1, 64), (report.Dimensions, report.Texts));
        Assert.InRange(report.LargestDifference, 0, 1e-5);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(exported.Target, "config.json")))!;
        Assert.Equal((architecture, 1, 1), ((string)config["architectures"]![0]!, (int)config["num_labels"]!, config["id2label"]!.AsObject().Count));
        Assert.Equal("torch.nn.modules.linear.Identity", (string)config["sentence_transformers"]!["activation_fn"]!);
        Assert.Contains("tokenizer_config.json", report.Files);
        Assert.Contains("CrossEncoder(\"path/to/this/folder\"", exported.Card, StringComparison.Ordinal);
        Assert.Contains("0.5000 [0.4000, 0.6000]", exported.Card, StringComparison.Ordinal);

        var (tokenizer, length) = (ModelFolder.LoadTokenizer(files), 40);
        var batch = model.Batch(Pairs.Select(p => tokenizer.EncodePair(p.Query, p.Passage, length)));
        var padded = PaddedBatch.From(batch, model.Config.PadTokenId);
        var width = padded.Ids.Length / Pairs.Length;
        foreach (var name in new[] { "config.json", "model.safetensors" })
        {
            File.Copy(Path.Combine(exported.Target, name), Path.Combine(python.Folder, name));
        }

        python.Write<long>("ids", padded.Ids);
        python.Write<long>("mask", Enumerable.Range(0, padded.Ids.Length).Select(i => i % width < padded.Lengths[i / width] ? 1L : 0L).ToArray());
        python.Write<long>("types", padded.Types ?? new long[padded.Ids.Length]);
        python.Write<float>("target", new float[Pairs.Length]);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { threads = 1, batch = Pairs.Length, width, seed = 5, training = false, labels = 1, dropout = 0.0 }));
        python.Run(Path.Combine(AppContext.BaseDirectory, "Heads", "cross_step.py"));

        // Loaded strictly: names and shapes are those of the model that the architecture names.
        Assert.InRange(BertGolden.Distance(model.Score(tokenizer, [.. Pairs.Select(p => p.Query)], [.. Pairs.Select(p => p.Passage)], length), python.Read<float>("logits")), 0, 1e-5);
    }

    [Fact]
    public void Within_FindsTheOneBesideACascadesModel_AndSaysWhereThereIsNone()
    {
        using var exported = new ExportFolder();
        var files = ExportFolder.Files("bert-mini");
        using var model = CrossEncoder.Start(files, 9);
        File.WriteAllText(Path.Combine(exported.Root, "config.json"), File.ReadAllText(files["config.json"]));
        var error = Assert.Throws<TrainerException>(() => CrossEncoder.Within(FileSet.FromFolder(exported.Root)));
        Assert.Contains("is no cross-encoder, and has none beside it (cross_encoder/config.json)", error.Message, StringComparison.Ordinal);

        model.Save(Path.Combine(exported.Root, CrossEncoder.Folder), files);
        var found = CrossEncoder.Within(FileSet.FromFolder(exported.Root));
        using var again = CrossEncoder.Load(found);
        Assert.Equal(model.Parameters[^1].Value.data<float>().ToArray(), again.Parameters[^1].Value.data<float>().ToArray());
        Assert.Same(found, CrossEncoder.Within(found));
    }
}
