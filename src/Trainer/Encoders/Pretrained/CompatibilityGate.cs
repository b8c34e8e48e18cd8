using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>
/// Compares what a job asks for with what the model it starts from was made for. E5's mean and SimLM's CLS are silently mixed in the field, and the model loses its
/// pre-training: here that is an error that names both sides, unless the job allows it.
/// </summary>
public static class CompatibilityGate
{
    /// <summary>The configuration that a job gives a pretrained model.</summary>
    /// <param name="model">What the model says.</param>
    /// <param name="use">What the job asks for.</param>
    /// <param name="queryLength">Tokens the job keeps of a query; null for as many as the model reads.</param>
    /// <param name="passageLength">Tokens the job keeps of a passage; null for as many as the model reads.</param>
    /// <returns>The configuration, and every contradiction, allowed or not.</returns>
    public static (ModelConfig Config, IReadOnlyList<Contradiction> Contradictions) Decide(ModelSettings model, ModelUse use, int? queryLength = null, int? passageLength = null)
    {
        var found = new List<Contradiction>();
        if (model.Pooling is { } pooling && use.Pooling is { } asked && asked != pooling.Value)
        {
            found.Add(new(ModelTrait.Pooling, $"{PoolingNames.Of(pooling.Value)} ({pooling.Source})", PoolingNames.Of(asked)));
        }

        if (model.Normalize is { } normalize && use.Normalize is { } scaled && scaled != normalize.Value)
        {
            found.Add(new(ModelTrait.Normalize, $"{Words(normalize.Value)} ({normalize.Source})", Words(scaled)));
        }

        var prompts = model.Prompts.Value;
        if ((use.QueryPrompt is { } query && query != prompts.Query) || (use.PassagePrompt is { } passage && passage != prompts.Passage))
        {
            found.Add(new(ModelTrait.Prompts, $"{Shown(prompts)} ({model.Prompts.Source})", Shown(new(use.QueryPrompt ?? prompts.Query, use.PassagePrompt ?? prompts.Passage))));
        }

        if (use.Projection is { } outputs && outputs != model.Projection?.Value)
        {
            found.Add(new(ModelTrait.Projection, model.Projection is { } had ? $"{had.Value} dimensions ({had.Source})" : $"none ({model.Config.HiddenSize} dimensions as they are)", $"a new one to {outputs}, which begins untrained"));
        }

        if (Math.Max(queryLength ?? 0, passageLength ?? 0) is var length && length > model.MaxLength.Value)
        {
            found.Add(length <= model.Config.MaxLength
                ? new(ModelTrait.Length, $"{model.MaxLength.Value} tokens ({model.MaxLength.Source})", $"{length}")
                : throw new TrainerException($"{model.Name} has positions for {model.Config.MaxLength} tokens; the job asks for {length} (query_length, passage_length). Ask for fewer."));
        }

        var own = model.ToConfig(use.Pooling, use.Normalize);
        return (own with
        {
            Dimensions = use.Projection ?? own.Dimensions,
            Pooling = use.Pooling is { } mode ? PoolingNames.Of(mode) : own.Pooling,
            Normalize = use.Normalize ?? own.Normalize,
            QueryPrompt = use.QueryPrompt ?? own.QueryPrompt,
            PassagePrompt = use.PassagePrompt ?? own.PassagePrompt,
            QueryLength = queryLength ?? own.QueryLength,
            PassageLength = passageLength ?? own.PassageLength,
        }, found);
    }

    /// <summary>Refuses what the job did not allow.</summary>
    /// <param name="name">What messages call the model.</param>
    /// <param name="found">Contradictions.</param>
    /// <param name="allow">What the job allows.</param>
    /// <param name="cost">What the wrong choice costs, measured; asked for only where the pooling is at fault.</param>
    /// <exception cref="TrainerException">One is not allowed.</exception>
    public static void Require(string name, IReadOnlyList<Contradiction> found, IReadOnlyList<ModelTrait> allow, Func<string>? cost = null)
    {
        if (found.Where(c => !allow.Contains(c.Trait)).ToList() is not { Count: > 0 } refused)
        {
            return;
        }

        var measured = refused.Any(c => c.Trait == ModelTrait.Pooling) && cost is not null ? " " + cost() : "";
        throw new TrainerException(
            $"The job contradicts its initial model ({name}): {string.Join("; ", refused)}.{measured} Leave these out of the job to use the model as it was made, " +
            $"or allow them: allow: [{string.Join(", ", refused.Select(c => c.Trait.ToString().ToLowerInvariant()).Distinct())}].");
    }

    static string Words(bool normalize) => normalize ? "normalised" : "not normalised";

    static string Shown(ModelPrompts prompts) => $"'{prompts.Query}' before queries and '{prompts.Passage}' before passages";
}
