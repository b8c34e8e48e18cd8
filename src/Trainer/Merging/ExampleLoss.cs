using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Losses;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Merging;

/// <summary>How well a model does on a few examples: what LM-Cocktail weighs models by.</summary>
public static class ExampleLoss
{
    // As LM-Cocktail's embedders.
    const double Temperature = 0.02;

    /// <summary>InfoNCE of queries and their first relevant documents, all in one batch, without dropout.</summary>
    /// <param name="model">The model.</param>
    /// <param name="examples">Documents, queries and judgments.</param>
    /// <param name="count">Queries at most: a seeded sample, the same for every model.</param>
    /// <param name="seed">Seed of the sample.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="TrainerException">Fewer than two queries have a relevant document.</exception>
    public static double Of(EmbeddingModel model, RetrievalCollection examples, int count, long seed, int threads, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        set_num_threads(threads);
        var texts = examples.Documents.ToDictionary(d => d.DocId, d => d.Text, StringComparer.Ordinal);
        var qrels = new QrelSet(examples.Qrels);
        List<(string Query, string Passage)> pairs = [.. Sample.Take(examples.Queries, count, seed, "merge examples")
            .Select(q => (q.Text, DocId: qrels[q.QueryId]?.Where(g => g.Value > 0 && texts.ContainsKey(g.Key)).Select(g => g.Key).Order(StringComparer.Ordinal).FirstOrDefault()))
            .Where(p => p.DocId is not null).DistinctBy(p => p.DocId).Select(p => (p.Text, texts[p.DocId!]))];
        if (pairs.Count < 2)
        {
            throw new TrainerException($"{pairs.Count} of {examples.Queries.Count} held-out queries have a relevant document; weighing models by their loss wants two or more. Give pairs with a dev split, or weights.");
        }

        var queries = model.Embed(model.Tokenize([.. pairs.Select(p => p.Query)], TextRole.Query, threads, cancellationToken), TextRole.Query, cancellationToken: cancellationToken);
        var passages = model.Embed(model.Tokenize([.. pairs.Select(p => p.Passage)], TextRole.Passage, threads, cancellationToken), TextRole.Passage, cancellationToken: cancellationToken);
        var inputs = LossInputs.Dense(queries, passages);
        return new InfoNce(Temperature).Compute(inputs, inputs.AllRows).Total.ToDouble();
    }
}
