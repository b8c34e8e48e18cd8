using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Encoders.Pretrained;
using Trainer.Heads;

namespace Trainer.Training;

/// <summary>Training rows from a shards artifact.</summary>
public static class ShardedRows
{
    /// <summary>Reads the shards and tokenises their texts once, for a new model with these options or for an initial model, whose lengths and prompts then count.</summary>
    /// <param name="tables">Table store.</param>
    /// <param name="shards">Files of the shards artifact.</param>
    /// <param name="tokenizer">Files of the tokenizer.</param>
    /// <param name="initialModel">The initial model, or null.</param>
    /// <param name="options">Options.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="scores">A teacher's scores; null for none.</param>
    /// <param name="keepTexts">Keeps the texts beside their ids.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>The rows, bucket and rows of each shard, and the configuration of the model that comes out.</returns>
    public static (TrainingSet Rows, IReadOnlyList<ShardSummary> Shards, ModelConfig Config) Read(
        ITableStore tables, FileSet shards, FileSet tokenizer, FileSet? initialModel, TrainOptions options, int threads,
        TeacherScores? scores = null, bool keepTexts = false, CancellationToken cancellationToken = default)
    {
        var reader = ModelFolder.LoadTokenizer(initialModel ?? tokenizer);
        var start = StartingModel.Decide(initialModel, reader.VocabularySize, options);
        CompatibilityGate.Require(initialModel?.Label ?? "", start.Contradictions, options.Model.Allow, () => Cost(initialModel!, start.Config));
        var summaries = new List<ShardSummary>();
        var set = Build(Noted(ShardReader.Read(tables, shards.Paths, cancellationToken)));
        return (set, summaries, start.Config);

        TrainingSet Build(IEnumerable<(IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages)> read)
        {
            var config = start.Config;
            return TrainingSet.Build(
                read, reader, config.QueryLength, config.PassageLength, threads, config.QueryPrompt, config.PassagePrompt, config.ModelType != StaticEncoder.TypeName,
                scores, keepTexts, cancellationToken);
        }

        string Cost(FileSet files, ModelConfig asked)
        {
            var shard = ShardReader.Read(tables, shards.Paths, cancellationToken).First();
            IReadOnlyList<TrainingRow> few = [.. shard.Rows.Take(PoolingProbe.Rows)];
            return PoolingProbe.Measure(files, Build([(few, shard.Passages)])).Text(PoolingNames.Parse(ModelFolder.ReadConfig(files).Pooling), PoolingNames.Parse(asked.Pooling));
        }

        IEnumerable<(IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages)> Noted(
            IEnumerable<(IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages)> read)
        {
            foreach (var shard in read)
            {
                summaries.Add(new ShardSummary(shard.Rows.Count > 0 ? shard.Rows[0].Bucket : 0, shard.Rows.Count));
                yield return shard;
            }
        }
    }
}
