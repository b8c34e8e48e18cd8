using DataPrep;
using DataPrep.Text.WordPiece;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Training;

namespace Trainer.Tests.Training.Watching;

/// <summary>Rows, a model with drawn weights and two collections over them.</summary>
sealed class WatchScene : IDisposable
{
    const int Vocabulary = 400, Count = 600;

    public WatchScene()
    {
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Vocabulary).Select(i => i.ToString())];
        var tokenizer = new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings()));
        var shard = SyntheticRows.Shard(Count, Vocabulary);
        Set = TrainingSet.Build([shard], tokenizer, 16, 64, 1);
        var config = new ModelConfig
        {
            ModelType = "static",
            Dimensions = 32,
            VocabularySize = pieces.Length,
            Pooling = "weighted_mean",
            Normalize = false,
            QueryLength = 16,
            PassageLength = 64,
        };
        Encoder = StaticEncoder.Create(pieces.Length, new StaticEncoderOptions { Dimensions = 32 }, 11);
        Model = new EmbeddingModel(config, tokenizer, Encoder);
        var documents = shard.Passages.Take(200).Select(p => new EvaluationDocument(p.DocId, p.Text)).ToList();
        Dev = Collection(documents, shard.Rows.Take(70), "");
        Other = Collection(documents, shard.Rows.Skip(100).Take(50), " 7");
    }

    public TrainingSet Set { get; }

    public StaticEncoder Encoder { get; }

    public EmbeddingModel Model { get; }

    public RetrievalCollection Dev { get; }

    public RetrievalCollection Other { get; }

    public void Dispose() => Model.Dispose();

    static RetrievalCollection Collection(IReadOnlyList<EvaluationDocument> documents, IEnumerable<TrainingRow> rows, string tail)
    {
        var held = rows.ToList();
        return new RetrievalCollection(documents, [.. held.Select(r => new Query(r.QueryId, r.Query + tail))], [.. held.Select(r => new Qrel(r.QueryId, r.DocId, 1))]);
    }
}
