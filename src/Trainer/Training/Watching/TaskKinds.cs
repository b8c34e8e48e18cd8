namespace Trainer.Training.Watching;

/// <summary>Which pair generators make which kind of task.</summary>
public static class TaskKinds
{
    /// <summary>Generators whose queries are pieces of documents.</summary>
    static readonly HashSet<string> Pieces = new(StringComparer.Ordinal) { "title", "lead", "crop", "inverse_cloze", "key_phrases" };

    /// <summary>The kind of a generator's pairs; a generator that is not known to cut pieces counts as one of queries.</summary>
    public static TaskKind Of(string generator) => Pieces.Contains(generator) ? TaskKind.TitleContent : TaskKind.QueryDocument;

    /// <summary>Training rows by generator, for <see cref="WatchPlan.RowsByGenerator"/>; rows whose generator is not known are left out.</summary>
    public static IReadOnlyDictionary<string, long> RowsByGenerator(TrainingSet set)
    {
        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var row in set.Rows)
        {
            var generator = set.Sources[row.Source].Generator;
            if (generator.Length > 0)
            {
                counts[generator] = counts.GetValueOrDefault(generator) + 1;
            }
        }

        return counts;
    }

    /// <summary>The kind of most of the pairs.</summary>
    /// <param name="generators">Generator of each pair.</param>
    public static TaskKind OfMost(IEnumerable<string> generators)
    {
        var counts = generators.CountBy(Of).ToDictionary();
        return counts.GetValueOrDefault(TaskKind.QueryDocument) > counts.GetValueOrDefault(TaskKind.TitleContent) ? TaskKind.QueryDocument : TaskKind.TitleContent;
    }
}
