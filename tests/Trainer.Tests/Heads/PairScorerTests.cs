using DataPrep.Text;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using Trainer.Tests.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

[Collection(TorchCollection.Name)]
public sealed class PairScorerTests
{
    public PairScorerTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Score_IsThatOfEachPairAlone_InOrder(int labels)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        using var encoder = CrossEncoder.Create(ObjectiveModels.Config(), 3, labels);
        var tokenizer = ObjectiveModels.Tokenizer();
        var pairs = Enumerable.Range(0, 5000).Select(i => (Key: i, Query: $"w{5 + (i % 9)}", Passage: string.Join(' ', Enumerable.Range(0, i % 7).Select(w => $"w{5 + ((i + (w * w)) % 50)}"))));
        var read = 0;
        var scored = new PairScorer(encoder, tokenizer).Score(pairs.Select(p =>
        {
            read++;
            return p;
        }), TestContext.Current.CancellationToken);

        Assert.Equal(0, scored.First().Key);
        Assert.Equal(4096, read);
        var all = scored.ToList();
        Assert.Equal(Enumerable.Range(0, 5000), all.Select(s => s.Key));
        foreach (var (key, query, passage) in pairs.Where(p => p.Key % 499 == 0))
        {
            var logits = encoder.Forward(encoder.Batch([tokenizer.EncodePair(query, passage)])).data<float>().ToArray();
            Assert.Equal(labels == 1 ? logits[0] : logits[1] - logits[0], all[key].Score, 1e-5);
        }
    }

    [Fact]
    public void SavedModel_ScoresAsBefore()
    {
        var folder = Directory.CreateTempSubdirectory("cross-encoder-").FullName;
        try
        {
            var files = FileSet.FromFolder(Fixture.Shared("golden/bert-mini"));
            using var encoder = CrossEncoder.Start(files, 3);
            encoder.Save(folder, files);
            var saved = FileSet.FromFolder(folder);
            using var loaded = CrossEncoder.Load(saved);
            string[] queries = ["wings", "engines"], passages = ["Birds have wings and feathers.", "Oil is put into engines."];

            var scores = loaded.Score(ModelFolder.LoadTokenizer(saved), queries, passages, 32, TestContext.Current.CancellationToken);

            Assert.Equal(encoder.Score(ModelFolder.LoadTokenizer(files), queries, passages, 32, TestContext.Current.CancellationToken), scores);
            Assert.NotEqual(scores[0], scores[1]);
            Assert.Throws<ArgumentException>(() => loaded.Score(ModelFolder.LoadTokenizer(saved), queries, passages[..1], cancellationToken: TestContext.Current.CancellationToken));
            Assert.Contains("positions", Assert.Throws<TrainerException>(() => new PairScorer(loaded, ModelFolder.LoadTokenizer(saved), 100_000)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("bert-mini")]
    [InlineData("xlmr-mini")]
    public void Template_JoinsIds_AsTheTokenizerJoinsTexts(string model)
    {
        var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(Fixture.Shared($"golden/{model}")));
        var template = PairTemplate.Of(tokenizer);
        const string Query = "which birds have wings?", Passage = "Birds have wings and feathers; some of them cannot fly, and others swim.";
        var (query, passage) = (tokenizer.Encode(Query), tokenizer.Encode(Passage, addSpecialTokens: false));
        foreach (var length in new[] { 512, 30, 20, 12, 8 })
        {
            var joined = template.Join(query, passage, length, out var first, out var start, out var second);
            var expected = tokenizer.EncodePair(Query, Passage, length);
            Assert.Equal(expected.Ids, joined.Ids);
            Assert.Equal(expected.TypeIds, joined.TypeIds);
            Assert.Equal(query.AsSpan(1, first), joined.Ids.AsSpan(template.Before, first));
            Assert.Equal(passage.AsSpan(0, second), joined.Ids.AsSpan(start, second));
        }
    }
}
