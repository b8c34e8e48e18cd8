using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Merging;
using Trainer.Tests.Export;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Merging;

[Collection(TorchCollection.Name)]
public sealed class ModelMergeTests : IDisposable
{
    readonly string _root = Directory.CreateTempSubdirectory("models-").FullName;

    public ModelMergeTests() => PythonTorch.RequireTorch();

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Run_GivesTheMeanOfEveryWeight_HeadsIncluded()
    {
        using var scope = NewDisposeScope();
        var (before, after) = (Transformer("before", PoolingMode.Cls, 0), Transformer("after", PoolingMode.Cls, 0.01));
        var merged = ModelMerge.Run([before, after], [1, 3], Path.Combine(_root, "merged"));

        Assert.Equal([0.25, 0.75], merged.Shares);
        Assert.Contains("0.25 of ", merged.Sentence, StringComparison.Ordinal);
        var files = FileSet.FromFolder(Path.Combine(_root, "merged"));
        foreach (var name in new[] { "model.safetensors", "sparse_linear.safetensors" })
        {
            using var found = new SafetensorsReader(files[name]);
            var expected = WeightedMean.OfFiles([before[name], after[name]], [0.25, 0.75]);
            Assert.All(expected, t => Assert.Equal(Convert.ToHexString(t.Data.Span), Convert.ToHexString(found.Tensor(found.Entries.Single(e => e.Name == t.Name)).Data.Span)));
        }

        using var model = ModelFolder.Load(files);
        using var first = ModelFolder.Load(before);
        Assert.Equal(model.Digest, merged.Digest);
        Assert.NotEqual(first.Encode(["a text"], TextRole.Query)[0], model.Encode(["a text"], TextRole.Query)[0]);

        // All weight on one gives its embeddings, bit for bit.
        ModelMerge.Run([before, after], [1, 0], Path.Combine(_root, "same"));
        using var same = ModelFolder.Load(FileSet.FromFolder(Path.Combine(_root, "same")));
        Assert.Equal(first.Encode(["a text"], TextRole.Query)[0], same.Encode(["a text"], TextRole.Query)[0]);
    }

    [Fact]
    public void Run_RefusesModelsOfOtherUseTokenizerOrHeads()
    {
        var before = Transformer("before", PoolingMode.Cls, 0);
        Assert.Contains("\"Pooling\":\"cls\"", Message(Transformer("mean", PoolingMode.Mean, 0)), StringComparison.Ordinal);
        var bare = Transformer("bare", PoolingMode.Cls, 0);
        File.Delete(bare["sparse_linear.safetensors"]);
        Assert.Contains("only the first has sparse_linear", Message(FileSet.FromFolder(bare.Label)), StringComparison.Ordinal);

        // The same size of vocabulary, two words exchanged.
        var words = Transformer("words", PoolingMode.Cls, 0);
        var vocabulary = File.ReadAllText(words["tokenizer.json"]);
        Assert.Contains("\"the\":", vocabulary, StringComparison.Ordinal);
        File.WriteAllText(words["tokenizer.json"], vocabulary.Replace("\"the\":", "\"THE\":", StringComparison.Ordinal).Replace("\"of\":", "\"the\":", StringComparison.Ordinal).Replace("\"THE\":", "\"of\":", StringComparison.Ordinal));
        Assert.Contains("their tokenizers give different ids", Message(FileSet.FromFolder(words.Label)), StringComparison.Ordinal);

        string Message(FileSet other) => Assert.Throws<TrainerException>(() => ModelMerge.Run([before, other], [1, 1], Path.Combine(_root, "no"))).Message;
    }

    FileSet Transformer(string name, PoolingMode pooling, double shift)
    {
        using var scope = NewDisposeScope();
        using var model = ExportFolder.Transformer("bert-mini", pooling, normalize: true);
        using (no_grad())
        {
            foreach (var (_, value) in model.Encoder.Parameters)
            {
                value.add_(shift);
            }
        }

        var folder = Path.Combine(_root, name);
        ModelFolder.Save(folder, model.Config, ModelFolder.Weights(model.Encoder), ExportFolder.Files("bert-mini"), ((PooledTransformer)model.Encoder).Transformer.Config);
        SafetensorsWriter.Write(Path.Combine(folder, "sparse_linear.safetensors"), [SafetensorsTensor.Floats("weight", [1, 64], [.. Enumerable.Repeat((float)(1 + shift), 64)]), SafetensorsTensor.Floats("bias", [1], [0.5f])]);
        return FileSet.FromFolder(folder);
    }
}
