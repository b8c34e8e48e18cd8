using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>Queries of a batch with their own candidates, as texts of a training set.</summary>
/// <param name="Queries">Query of each row, (B).</param>
/// <param name="Candidates">Candidates of each row, its positive first; at least one.</param>
/// <param name="Teacher">A teacher's scores of each row's candidates, no number where there is none; null without a teacher.</param>
sealed record CrossEncoderLists(int[] Queries, int[][] Candidates, float[][]? Teacher)
{
    /// <summary>Number of rows, B.</summary>
    public int Count => Queries.Length;

    /// <summary>Most candidates of a row, G.</summary>
    public int Group { get; } = Candidates.Max(c => c.Length);

    /// <summary>The lists of a step. Which hard negatives are drawn is as in other phases: it depends on seed, epoch and row alone.</summary>
    public static CrossEncoderLists Of(TrainingSet set, StepRequest request, int negatives, bool teacher)
    {
        var (candidates, scores) = (new int[request.Rows.Length][], new float[request.Rows.Length][]);
        for (var i = 0; i < request.Rows.Length; i++)
        {
            var row = set.Rows[request.Rows[i]];
            var drawn = TrainBatch.Drawn(row, request.Rows[i], negatives, request.Epoch, request.Seed);
            candidates[i] = [row.Positive, .. drawn.Select(n => row.Negatives[n])];
            scores[i] = [row.Scores?[0] ?? float.NaN, .. drawn.Select(n => row.Scores?[1 + n] ?? float.NaN)];
        }

        return new CrossEncoderLists(Array.ConvertAll(request.Rows, row => set.Rows[row].Query), candidates, teacher ? scores : null);
    }

    /// <summary>Some of each row's candidates.</summary>
    /// <param name="kept">Their places in the row, ascending, 0 first.</param>
    public CrossEncoderLists Keep(int[][] kept) => new(
        Queries,
        [.. Candidates.Zip(kept, (all, places) => Array.ConvertAll(places, p => all[p]))],
        Teacher?.Zip(kept, (all, places) => Array.ConvertAll(places, p => all[p])).ToArray());

    /// <summary>Places without a candidate, (B, G) of Bool.</summary>
    public Tensor Absent(Device device)
    {
        var absent = new bool[Count * Group];
        for (var i = 0; i < absent.Length; i++)
        {
            absent[i] = i % Group >= Candidates[i / Group].Length;
        }

        return tensor(absent, [Count, Group]).to(device);
    }

    /// <summary>The teacher's scores, (B, G), no number where there is none; null without a teacher.</summary>
    public Tensor? TeacherScores(Device device)
    {
        if (Teacher is null)
        {
            return null;
        }

        var scores = new float[Count * Group];
        Array.Fill(scores, float.NaN);
        for (var i = 0; i < Count; i++)
        {
            Teacher[i].CopyTo(scores, i * Group);
        }

        return tensor(scores, [Count, Group]).to(device);
    }

    /// <summary>Values of the candidates of some rows end to end, (P), as rows of G, 0 where there is no candidate. Gradients pass.</summary>
    public Tensor Spread(Tensor values, int start, int count)
    {
        using var scope = NewDisposeScope();
        var places = new long[count * Group];
        Array.Fill(places, values.shape[0]);
        for (int i = 0, next = 0; i < count; i++)
        {
            for (var c = 0; c < Candidates[start + i].Length; c++)
            {
                places[(i * Group) + c] = next++;
            }
        }

        return cat([values, zeros([1], values.dtype, values.device)], 0).index_select(0, tensor(places).to(values.device)).view(count, Group).MoveToOuterDisposeScope();
    }

    /// <summary>Ranges of whole rows with at most <paramref name="most"/> candidates each, and at least one row.</summary>
    public IEnumerable<(int Start, int Count)> Chunks(int most, RowRange rows)
    {
        for (int start = rows.Start, end; start < rows.End; start = end)
        {
            var pairs = Candidates[start].Length;
            for (end = start + 1; end < rows.End && pairs + Candidates[end].Length <= most; end++)
            {
                pairs += Candidates[end].Length;
            }

            yield return (start, end - start);
        }
    }
}
