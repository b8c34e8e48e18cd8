using System.Text.Json;
using System.Text.Json.Serialization;
using Trainer.Training.Objectives;

namespace Trainer.Training.Distributed;

/// <summary>What a step found, of all ranks.</summary>
public static class StepSums
{
    static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Adds up what each rank found for its share of the batch, in rank order; a figure of the batch as a whole may be one rank's alone.</summary>
    public static StepResult Sum(this DistributedContext context, StepResult share)
    {
        if (!context.IsShared)
        {
            return share;
        }

        var own = new Figures(share.Loss, share.Parts.ToDictionary(p => p.Name, p => p.Value), share.Texts, share.Tokens);
        var all = context.FromAll(JsonSerializer.SerializeToUtf8Bytes(own, Json), "the loss").Select(bytes => JsonSerializer.Deserialize<Figures>(bytes, Json)!).ToList();
        var names = all.SelectMany(f => f.Parts.Keys).Distinct(StringComparer.Ordinal);
        return new StepResult(all.Sum(f => f.Loss), [.. names.Select(n => (n, all.Sum(f => f.Parts.GetValueOrDefault(n))))], all.Sum(f => f.Texts), all.Sum(f => f.Tokens));
    }

    sealed record Figures(double Loss, Dictionary<string, double> Parts, int Texts, long Tokens);
}
