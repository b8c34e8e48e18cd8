using DataPrep;
using DataPrep.Tables;

namespace Trainer.Training;

/// <summary>A teacher's scores of (query, document) pairs, to be joined to training rows when these are read. Units are the teacher's own (logits of a cross-encoder, a guide's cosine).</summary>
public sealed class TeacherScores
{
    readonly Dictionary<(string Query, string Document), float> _scores = [];

    /// <summary>Number of scored pairs.</summary>
    public int Count => _scores.Count;

    /// <summary>Reads tables of teacher scores: query_id, doc_id, score.</summary>
    /// <param name="tables">Table store.</param>
    /// <param name="files">Their files.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="TrainerException">A pair has two different scores, or a score is no finite number.</exception>
    public static TeacherScores Read(ITableStore tables, IReadOnlyList<string> files, CancellationToken cancellationToken = default) =>
        From(RowTables.TeacherScores.Read(tables, files, cancellationToken));

    /// <summary>Takes the scores that mined negatives carry: those of the miner's guide.</summary>
    /// <param name="negatives">Mined negatives, all of one miner and guide: scores of several are no common scale.</param>
    /// <exception cref="TrainerException">They are of several guides, or as for <see cref="Read"/>.</exception>
    public static TeacherScores FromMined(IEnumerable<Negative> negatives)
    {
        return From(Scored());

        IEnumerable<TeacherScore> Scored()
        {
            (string Miner, string Guide)? guide = null;
            foreach (var negative in negatives)
            {
                guide ??= (negative.Miner, negative.Guide);
                if (guide != (negative.Miner, negative.Guide))
                {
                    throw new TrainerException(
                        $"The mined negatives have scores of {guide.Value.Miner} ({guide.Value.Guide}) and of {negative.Miner} ({negative.Guide}); a teacher is one of them. Mine with one guide, or score the pairs with one teacher.");
                }

                yield return new TeacherScore(negative.QueryId, negative.PositiveDocId, negative.PositiveScore);
                yield return new TeacherScore(negative.QueryId, negative.NegativeDocId, negative.Score);
            }
        }
    }

    /// <summary>Takes scores.</summary>
    /// <exception cref="TrainerException">As for <see cref="Read"/>.</exception>
    public static TeacherScores From(IEnumerable<TeacherScore> rows)
    {
        var scores = new TeacherScores();
        foreach (var row in rows)
        {
            if (!float.IsFinite(row.Score))
            {
                throw new TrainerException($"The teacher's score of query '{row.QueryId}' and document '{row.DocId}' is {row.Score}; expected a finite number. Score the pair again, or leave it out.");
            }

            if (!scores._scores.TryAdd((row.QueryId, row.DocId), row.Score) && scores._scores[(row.QueryId, row.DocId)] != row.Score)
            {
                throw new TrainerException(
                    $"The teacher gave query '{row.QueryId}' and document '{row.DocId}' both {scores._scores[(row.QueryId, row.DocId)]} and {row.Score}; expected one score. Give the scores of one teacher.");
            }
        }

        return scores;
    }

    /// <summary>The score of a pair; NaN where the teacher gave none.</summary>
    public float Of(string queryId, string docId) => _scores.TryGetValue((queryId, docId), out var score) ? score : float.NaN;

    /// <summary>Scores of a row's positive and then its negatives; null where the teacher gave none of them.</summary>
    internal float[]? Of(TrainingRow row, IReadOnlyList<ShardPassage> passages)
    {
        float[] scores = [Of(row.QueryId, row.DocId), .. row.NegativePassages.Select(n => Of(row.QueryId, passages[(int)n].DocId))];
        return Array.TrueForAll(scores, float.IsNaN) ? null : scores;
    }
}
