using DataPrep;
using DataPrep.Text.WordPiece;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Training;

namespace Trainer.Tests.Training;

/// <summary>A small training in a folder of its own, stopped and resumed at will.</summary>
sealed class TrainFixture : IDisposable
{
    const int Rows = 600, Vocabulary = 400;

    readonly string _root;
    readonly bool _own;

    // Root: a folder of somebody else's; null for one of its own, which is deleted at its end.
    public TrainFixture(int threads, bool specialTokens = false, bool taught = false, int rows = Rows, string? root = null)
    {
        (Threads, _own, _root) = (threads, root is null, root ?? Directory.CreateTempSubdirectory("train-").FullName);
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(0, Vocabulary).Select(i => i.ToString())];
        WordPieceFiles.Save(new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings())), Path.Combine(_root, "tokenizer"));
        Tokenizer = FileSet.FromFolder(Path.Combine(_root, "tokenizer"));
        var shard = SyntheticRows.Shard(rows, Vocabulary);
        // A teacher that knows the positive, and of negatives that nearer rows are more alike.
        var scores = shard.Rows.SelectMany(r => r.NegativePassages.Prepend(r.PositivePassage).Distinct().Select(p => new TeacherScore(r.QueryId, $"d{p}", 6 - (Math.Abs(p - r.PositivePassage) % 7))));
        Set = TrainingSet.Build([shard], ModelFolder.LoadTokenizer(Tokenizer), 16, 64, 1, specialTokens: specialTokens, scores: taught ? TeacherScores.From(scores) : null, keepTexts: taught);
        var documents = shard.Passages.Take(200).Select(p => new EvaluationDocument(p.DocId, p.Text)).ToList();
        var held = shard.Rows.Take(60);
        Dev = new RetrievalCollection(documents, [.. held.Select(r => new Query(r.QueryId, r.Query + " 7"))], [.. held.Select(r => new Qrel(r.QueryId, r.DocId, 1))]);
    }

    public int Threads { get; }

    public FileSet Tokenizer { get; }

    public TrainingSet Set { get; }

    public RetrievalCollection Dev { get; }

    public static TrainOptions Options { get; } = new()
    {
        Encoder = new StaticEncoderOptions { Dimensions = 32, QuerySide = QuerySide.Weights },
        BatchSize = 64,
        Epochs = 4,
        EvalEvery = 10,
        CheckpointEvery = 4,
        Clip = 1,
        WeightDecay = 0.01,
        EvalQueries = 40,
        EvalDocuments = 150,
    };

    public string Folder(string name) => Path.Combine(_root, name);

    public TrainInputs Inputs(string name, bool resume = false) => new()
    {
        Rows = Set,
        DataDigest = "synthetic",
        Tokenizer = Tokenizer,
        Dev = Dev,
        Seed = 5,
        Threads = Threads,
        Scratch = Folder(name + "-scratch"),
        Output = Folder(name + "-output"),
        Checkpoints = resume ? Checkpoint.Find(Folder(name + "-scratch")) : [],
    };

    /// <summary>Every file of the output, as one text: name and hash.</summary>
    public string Bytes(string name) => string.Join('\n', Directory.GetFiles(Folder(name + "-output"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(f => $"{Path.GetFileName(f)} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(f)))}"));

    public void Dispose()
    {
        if (_own)
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    /// <summary>Notes what it is told; stops the training at a step.</summary>
    public sealed class Observer(int? stopAt = null) : ITrainObserver, IDisposable
    {
        readonly CancellationTokenSource _stop = new();

        public CancellationToken Token => _stop.Token;

        public List<string> Lines { get; } = [];

        public List<MetricPoint> Points { get; } = [];

        public List<(long Step, string Cursor, double? Metric)> Checkpoints { get; } = [];

        public void Progress(StageProgress progress)
        {
            if (progress.Done == stopAt)
            {
                _stop.Cancel();
            }
        }

        public void Metric(string key, long step, double value) => Points.Add(new MetricPoint(key, step, value));

        public void Log(string line) => Lines.Add(line);

        public void Checkpoint(long step, string cursorJson, string folder, double? metric)
        {
            Assert.True(Directory.Exists(folder));
            Checkpoints.Add((step, cursorJson, metric));
        }

        public void Dispose() => _stop.Dispose();
    }
}
