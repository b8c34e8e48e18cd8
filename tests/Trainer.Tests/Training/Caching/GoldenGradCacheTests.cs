using System.Text.Json;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

/// <summary>GradCache's own code and sentence-transformers' cached loss, executed (golden/gradcache.jsonl): loss and all gradients, uncached and for every mini-batch size.</summary>
[Collection(TorchCollection.Name)]
public sealed class GoldenGradCacheTests
{
    [Theory]
    [InlineData("gradcache-two-encoders-hardneg0")]
    [InlineData("gradcache-shared-encoder-hardneg0")]
    [InlineData("gradcache-two-encoders-hardneg1")]
    [InlineData("gradcache-shared-encoder-hardneg1")]
    [InlineData("st-cachedmnrl-neg0-q2d")]
    [InlineData("st-cachedmnrl-neg1-q2d")]
    [InlineData("st-cachedmnrl-neg1-all4")]
    public void Step_GivesTheReferencesGradients(string name)
    {
        PythonTorch.RequireTorch();
        var line = File.ReadLines(Fixture.Shared("golden/gradcache.jsonl")).Single(l => l.Contains($"\"{name}\"", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(line);
        var (root, tensors) = (json.RootElement, json.RootElement.GetProperty("tensors"));
        using var scope = NewDisposeScope();
        var cosine = name.StartsWith("st-", StringComparison.Ordinal);
        var queries = Floats(tensors.GetProperty(cosine ? "anchor" : "query_input"));
        var passages = cosine
            ? cat([.. new[] { "positive", "negative_1" }.Where(n => tensors.TryGetProperty(n, out _)).Select(n => Floats(tensors.GetProperty(n)))], 0)
            : Floats(tensors.GetProperty("doc_input"));
        int rows = (int)queries.shape[0], candidates = (int)passages.shape[0], group = candidates / rows;
        // The reference has each query's candidates side by side; here the positives come first.
        var order = cosine ? Enumerable.Range(0, candidates) : Enumerable.Range(0, candidates).Select(c => (c % rows * group) + (c / rows));
        using var encoder = new TwoLayers(cat([queries, passages], 0), tensors);
        var loss = LossTable.Create(new LossOptions
        {
            Kind = cosine ? LossKind.InfoNce : LossKind.Rocketqa,
            Temperature = cosine ? 1 / root.GetProperty("params").GetProperty("scale").GetDouble() : null,
            Directions = !cosine ? [] : name.EndsWith("all4", StringComparison.Ordinal) ? [Direction.QueryDoc, Direction.QueryQuery, Direction.DocQuery, Direction.DocDoc] : [Direction.QueryDoc],
        });
        long[] own = [.. Enumerable.Range(0, rows).SelectMany(r => Enumerable.Range(0, group).Select(g => (long)(r + (g * rows))))];
        var known = new LossInputs { Queries = new(), Passages = new(), Own = tensor(own, [rows, group]) };

        foreach (var expected in root.GetProperty("expected").GetProperty("cached").EnumerateArray().Append(root.GetProperty("expected").GetProperty("full")))
        {
            var miniBatch = expected.TryGetProperty("mini_batch_size", out var size) ? size.GetInt32() : 1000;
            var result = CachingCase.Cache(encoder, loss, miniBatch, keep: miniBatch % 2).Step(
                Ones(Enumerable.Range(0, rows)), Ones(order.Select(o => o + rows)), known, CachingCase.Request(miniBatch));

            Assert.Equal(1, result.Loss / expected.GetProperty("loss").GetDouble(), 1e-5);
            foreach (var (parameter, value) in encoder.Parameters)
            {
                var wanted = Floats(expected.GetProperty("grads").GetProperty(parameter)).data<float>().ToArray();
                var found = value.grad!.data<float>().ToArray();
                Assert.All(wanted.Zip(found), p => Assert.Equal(p.First, p.Second, 1e-5f));
                value.grad = null;
            }
        }
    }

    // Texts of one token each: which row of the inputs they are.
    static TokenBatch Ones(IEnumerable<int> rows)
    {
        long[] ids = [.. rows.Select(r => (long)r)];
        return new TokenBatch(ids, [.. Enumerable.Range(0, ids.Length).Select(i => (long)i)]);
    }

    static Tensor Floats(JsonElement value) => tensor(
        [.. value.GetProperty("data").EnumerateArray().Select(v => v.GetSingle())], [.. value.GetProperty("shape").EnumerateArray().Select(v => v.GetInt64())]);

    /// <summary>fc2(tanh(fc1(x))), of each side its own or one for both; its texts are rows of a table of inputs.</summary>
    sealed class TwoLayers : IEncoder
    {
        readonly Tensor _inputs;

        public TwoLayers(Tensor inputs, JsonElement tensors)
        {
            _inputs = inputs;
            Parameters = [.. tensors.EnumerateObject().Where(t => t.Name.Contains("fc", StringComparison.Ordinal)).Select(t => (t.Name, new Parameter(Floats(t.Value))))];
        }

        public string Type => "two-layers";

        public bool SpecialTokens => false;

        public Precision Precision { get; set; }

        public int Dimensions => (int)_inputs.shape[1];

        public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

        public bool Training { get; set; }

        public bool SharedSides => Parameters.Any(p => p.Name == "fc1.weight");

        public Tensor Forward(TokenBatch batch, TextRole role)
        {
            using var scope = NewDisposeScope();
            var side = SharedSides ? "" : role == TextRole.Query ? "query." : "doc.";
            var x = _inputs.index_select(0, tensor(batch.Ids));
            return Apply("fc2", Apply("fc1", x).tanh()).MoveToOuterDisposeScope();

            Tensor Apply(string map, Tensor values) => nn.functional.linear(values, Of($"{side}{map}.weight"), Of($"{side}{map}.bias"));
        }

        public void Dispose()
        {
            foreach (var (_, value) in Parameters)
            {
                value.Dispose();
            }
        }

        Parameter Of(string name) => Parameters.Single(p => p.Name == name).Value;
    }
}
