using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Text;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Encoders;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>Cross-encoders against the same models written in python3-torch, with the same weights, types and, in the classifier, the same dropout.</summary>
[Collection(TorchCollection.Name)]
public sealed class CrossEncoderTests
{
    const int Pairs = 10;

    [Theory]
    [InlineData("bert-mini", false, 1)]
    [InlineData("bert-mini", true, 3)]
    [InlineData("xlmr-mini", false, 1)]
    [InlineData("xlmr-mini", true, 2)]
    public void ForwardAndBackward_EqualPython(string model, bool training, int labels)
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        Start(model, python.Folder, labels);
        using var encoder = CrossEncoder.Load(FileSet.FromFolder(python.Folder));
        Assert.Equal(labels, encoder.Labels);
        Assert.Empty(encoder.Foreign);
        var texts = BertGolden.Ids(model).Skip(4).Take(Pairs).ToList();
        var pairs = encoder.Batch(texts.Select(ids => new TokenPair(Array.ConvertAll(ids, id => (int)id), [.. ids.Select((_, t) => model == "bert-mini" && t > ids.Length / 3 ? 1 : 0)])));
        var target = Write(python, encoder, pairs, texts.Max(t => t.Length), training, labels);

        encoder.Training = training;
        manual_seed(5);
        var logits = encoder.Forward(pairs);
        var loss = (logits * tensor(target, [Pairs, labels])).sum();
        loss.backward();

        python.Run(Path.Combine(AppContext.BaseDirectory, "Heads", "cross_step.py"));
        Assert.Equal(File.ReadAllLines(Path.Combine(python.Folder, "names")), encoder.Parameters.Select(p => p.Name));
        Assert.InRange(BertGolden.Distance(logits.data<float>().ToArray(), python.Read<float>("logits")), 0, 2e-6);
        Assert.Equal(python.Read<double>("loss")[0], loss.ToDouble(), 1e-5);
        var (expected, at) = (python.Read<float>("gradients"), 0);
        foreach (var (name, value) in encoder.Parameters)
        {
            var found = value.grad!.data<float>().ToArray();
            var distance = BertGolden.Distance(found, expected.AsSpan(at, found.Length));
            Assert.True(distance <= 1e-5, $"{name}: {distance}");
            at += found.Length;
        }

        Assert.Equal(expected.Length, at);
    }

    [Fact]
    public void Start_KeepsThePretrainedPooler_AndLoadSaysThatAnEncoderIsNoCrossEncoder()
    {
        PythonTorch.RequireTorch();
        var files = FileSet.FromFolder(Fixture.Shared("golden/bert-mini"));
        using var encoder = CrossEncoder.Start(files, 3);
        using var reader = new SafetensorsReader(files["model.safetensors"]);

        var values = encoder.Parameters.ToDictionary(p => p.Name, p => p.Value.data<float>().ToArray());
        Assert.Equal(reader.Floats("pooler.dense.weight", 64, 64), values["bert.pooler.dense.weight"]);
        Assert.Equal(reader.Floats("embeddings.word_embeddings.weight", 3000, 64), values["bert.embeddings.word_embeddings.weight"]);
        Assert.Equal([0f], values["classifier.bias"]);
        Assert.Empty(encoder.Foreign);
        Assert.Contains("no classifier", Assert.Throws<TrainerException>(() => CrossEncoder.Load(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_ReadsPairsOfTheTokenizer_AndAScoreDependsOnItsPairAlone()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        foreach (var model in new[] { "bert-mini", "xlmr-mini" })
        {
            var files = FileSet.FromFolder(Fixture.Shared($"golden/{model}"));
            using var encoder = CrossEncoder.Start(files, 3, labels: 2);
            var tokenizer = ModelFolder.LoadTokenizer(files);
            var pairs = new[] { ("wings", "Birds have wings and feathers."), ("a longer query about engines", "oil"), ("", "") }.Select(p => tokenizer.EncodePair(p.Item1, p.Item2, 64)).ToList();

            var scores = encoder.Forward(encoder.Batch(pairs)).data<float>().ToArray();

            for (var i = 0; i < pairs.Count; i++)
            {
                Assert.InRange(BertGolden.Distance(encoder.Forward(encoder.Batch([pairs[i]])).data<float>().ToArray(), scores.AsSpan(i * 2, 2)), 0, 5e-6);
            }

            // BERT tells a passage from a query by its types.
            var (typed, flat) = (encoder.Batch(pairs), encoder.Batch(pairs) with { Types = null });
            Assert.Equal(model == "xlmr-mini", BertGolden.Distance(encoder.Forward(flat).data<float>().ToArray(), scores) < 1e-6);
            Assert.Equal(model == "bert-mini", typed.Types is not null);
        }
    }

    [Fact]
    public void Load_ReadsShardsOfShortTypes_AndNamesWhatDoesNotFit()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var folder = new BertFolder();
        folder.WriteConfig();
        using (var encoder = CrossEncoder.Create(BertFolder.Config, 6, labels: 3))
        {
            // Values that bfloat16 holds exactly: the upper half of their bits.
            folder.Tensors.Clear();
            folder.Tensors.AddRange(encoder.Parameters.Select(p => new SafetensorsTensor(
                p.Name, SafetensorsType.BF16, p.Value.shape, p.Value.data<float>().ToArray().SelectMany(v => BitConverter.GetBytes(v)[2..]).ToArray())));
        }

        folder.WriteShards(3);
        using var loaded = CrossEncoder.Load(FileSet.FromFolder(folder.Path));
        loaded.Save(Path.Combine(folder.Path, "copy"));
        using var copy = CrossEncoder.Load(FileSet.FromFolder(Path.Combine(folder.Path, "copy")));
        var pairs = new TokenBatch([1, 2, 3, 4, 1, 2], [0, 4]) { Types = [0, 0, 1, 1, 0, 1] };
        Assert.Equal(3, loaded.Labels);
        Assert.Equal(loaded.Forward(pairs).data<float>().ToArray(), copy.Forward(pairs).data<float>().ToArray());
        Assert.All(loaded.Parameters.Zip(folder.Tensors), p => Assert.Equal(p.Second.Data.ToArray(), p.First.Value.data<float>().ToArray().SelectMany(v => BitConverter.GetBytes(v)[2..])));

        folder.Change("classifier.weight", tensor => tensor with { Shape = [4, 6] });
        folder.WriteShards(3);
        var message = Assert.Throws<TrainerException>(() => CrossEncoder.Load(FileSet.FromFolder(folder.Path))).Message;
        Assert.Contains("'classifier.weight' has shape (4, 6); expected (4, 8)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_DrawsTheEncoderThenTheHead_FromTheSeed()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var config = BertFolder.Config with { ModelType = TransformerConfig.XlmRoberta, PadTokenId = 1, MaxPositions = 12, TokenTypes = 1 };
        using var one = CrossEncoder.Create(config, 4, labels: 2);
        using var two = CrossEncoder.Create(config, 4, labels: 2);
        using var plain = TransformerEncoder.Create(config, 4);

        Assert.All(one.Parameters.Zip(two.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
        Assert.All(plain.Parameters.Zip(one.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
        Assert.Equal(
            ["classifier.dense.weight", "classifier.dense.bias", "classifier.out_proj.weight", "classifier.out_proj.bias"], one.Parameters.Skip(plain.Parameters.Count).Select(p => p.Name));
        var pairs = new TokenBatch([0, 5, 2, 2, 6, 2], [0]);
        Assert.Equal(one.Forward(pairs).data<float>().ToArray(), one.Forward(pairs with { Types = new long[6] }).data<float>().ToArray());
        Assert.Null(one.Batch([new TokenPair([0, 5, 2], [0, 0, 0])]).Types);
        Assert.Contains("token type 1", Assert.Throws<TrainerException>(() => one.Forward(pairs with { Types = [0, 0, 0, 1, 1, 1] })).Message, StringComparison.Ordinal);
    }

    // A cross-encoder of the golden encoder's weights with a new classifier, its encoder without dropout, written as a folder.
    static void Start(string model, string folder, int labels)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixture.Shared($"golden/{model}"), "config.json")))!.AsObject();
        (config["hidden_dropout_prob"], config["attention_probs_dropout_prob"], config["classifier_dropout"]) = (0.0, 0.0, 0.3);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), File.ReadAllBytes(Path.Combine(Fixture.Shared($"golden/{model}"), "model.safetensors")));
        using var encoder = CrossEncoder.Start(FileSet.FromFolder(folder), 9, labels);
        encoder.Save(folder);
        var saved = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!;
        Assert.Equal((0.3, labels), ((double)saved["classifier_dropout"]!, saved["id2label"]!.AsObject().Count));
        Assert.Equal(model == "bert-mini" ? "BertForSequenceClassification" : "XLMRobertaForSequenceClassification", (string)saved["architectures"]![0]!);
    }

    static float[] Write(PythonTorch python, CrossEncoder encoder, TokenBatch pairs, int width, bool training, int labels)
    {
        var padded = PaddedBatch.From(pairs, encoder.Config.PadTokenId);
        var random = new Random(3);
        var target = Enumerable.Range(0, Pairs * labels).Select(_ => (float)random.NextDouble() - 0.5f).ToArray();
        python.Write<long>("ids", padded.Ids);
        python.Write<long>("mask", Enumerable.Range(0, Pairs * width).Select(i => i % width < padded.Lengths[i / width] ? 1L : 0L).ToArray());
        python.Write<long>("types", padded.Types ?? new long[Pairs * width]);
        python.Write<float>("target", target);
        File.WriteAllText(Path.Combine(python.Folder, "step.json"), JsonSerializer.Serialize(new { threads = 1, batch = Pairs, width, seed = 5, training, labels, dropout = 0.3 }));
        return target;
    }
}
