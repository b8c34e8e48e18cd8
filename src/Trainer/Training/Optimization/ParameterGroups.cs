using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Training.Optimization;

/// <summary>A model's parameters by rate and weight decay: every one in exactly one group, or frozen. Groups stand in the order of their first parameter.</summary>
/// <param name="Groups">Those that are trained.</param>
/// <param name="Frozen">Those that are left as they are.</param>
public sealed record ParameterGroups(IReadOnlyList<ParameterGroup> Groups, IReadOnlyList<(string Name, Parameter Value)> Frozen)
{
    const int Shown = 8;

    /// <summary>Sorts parameters into groups; changes nothing.</summary>
    /// <param name="parameters">Parameters by name.</param>
    /// <param name="options">Parts, freezing, decay of biases and norms.</param>
    /// <param name="learningRate">The training's rate at the end of warm-up, scaled: what <see cref="PartOptions.LearningRate"/> is a multiple of.</param>
    /// <param name="weightDecay">The training's weight decay.</param>
    /// <exception cref="TrainerException">A pattern matches nothing or only what earlier ones took, or nothing is left to train.</exception>
    public static ParameterGroups Of(IReadOnlyList<(string Name, Parameter Value)> parameters, OptimizationOptions options, double learningRate, double weightDecay)
    {
        var names = parameters.Select(p => p.Name).ToList();
        var freeze = options.Freeze.Select(f => Known(new ParameterPattern(f), "freeze", names)).ToList();
        var parts = options.Parts.Select(p => (Part: p, Pattern: Known(new ParameterPattern(p.Match), "parts", names))).ToList();
        var taken = new HashSet<PartOptions>(ReferenceEqualityComparer.Instance);
        var frozen = new List<(string, Parameter)>();
        var groups = new Dictionary<(double Factor, double Decay), List<(string, Parameter)>>();
        foreach (var parameter in parameters)
        {
            var part = parts.FirstOrDefault(p => p.Pattern.Matches(parameter.Name)).Part;
            if (part is not null)
            {
                taken.Add(part);
            }

            if (freeze.Any(f => f.Matches(parameter.Name)))
            {
                frozen.Add(parameter);
                continue;
            }

            var factor = part?.LearningRate is { } own ? own / learningRate : part?.Multiplier ?? 1;
            var decay = !options.DecayBiasesAndNorms && IsBiasOrNorm(parameter.Name) ? 0 : part?.WeightDecay ?? weightDecay;
            if (!groups.TryGetValue((factor, decay), out var group))
            {
                groups.Add((factor, decay), group = []);
            }

            group.Add(parameter);
        }

        if (options.Parts.FirstOrDefault(p => !taken.Contains(p)) is { } shadowed)
        {
            throw new TrainerException($"parts: everything that '{shadowed.Match}' matches is matched by a part before it; expected the narrower pattern first.");
        }

        return groups.Count > 0
            ? new([.. groups.Select(g => new ParameterGroup(g.Key.Factor, g.Key.Decay, g.Value))], frozen)
            : throw new TrainerException($"freeze: {string.Join(", ", options.Freeze)} leaves none of the {parameters.Count} parameters to train; expected patterns that leave some.");
    }

    /// <summary>Whether a name is that of a bias or of a layer norm's scale.</summary>
    public static bool IsBiasOrNorm(string name)
    {
        var segments = name.Split('.');
        return segments[^1] == "bias" || segments.Any(s => s.EndsWith("norm", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Marks what is trained and what is not (frozen parameters get no gradient from now on), and makes the optimizer, which keeps no state of frozen ones.</summary>
    /// <param name="learningRate">The training's rate; <see cref="SetRate"/> changes it.</param>
    /// <param name="beta1">AdamW's β1.</param>
    /// <param name="beta2">AdamW's β2.</param>
    /// <param name="epsilon">AdamW's ε.</param>
    public AdamW CreateOptimizer(double learningRate, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8)
    {
        foreach (var (_, parameter) in Frozen)
        {
            parameter.requires_grad = false;
            parameter.grad = null;
        }

        foreach (var (_, parameter) in Groups.SelectMany(g => g.Parameters))
        {
            parameter.requires_grad = true;
        }

        return optim.AdamW(Groups.Select(g => new AdamW.ParamGroup(g.Parameters.Select(p => p.Value), learningRate * g.RateFactor, beta1, beta2, epsilon, g.WeightDecay)));
    }

    /// <summary>Gives each group of an optimizer its rate of a step.</summary>
    /// <param name="optimizer">One that <see cref="CreateOptimizer"/> made of these groups.</param>
    /// <param name="learningRate">The training's rate.</param>
    public void SetRate(AdamW optimizer, double learningRate)
    {
        foreach (var (own, group) in optimizer.ParamGroups.Zip(Groups))
        {
            own.LearningRate = learningRate * group.RateFactor;
        }
    }

    /// <summary>Lines for the log: the groups where there are several, and what is frozen.</summary>
    /// <param name="learningRate">The training's rate at the end of warm-up.</param>
    public IEnumerable<string> Describe(double learningRate)
    {
        foreach (var group in Groups.Count > 1 ? Groups : [])
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Learning rate {learningRate * group.RateFactor:0.####e-0}, weight decay {group.WeightDecay}: {Names(group.Parameters)}.");
        }

        if (Frozen.Count > 0)
        {
            yield return $"Frozen: {Names(Frozen)}. They get no gradient and no optimizer state.";
        }
    }

    static string Names(IReadOnlyList<(string Name, Parameter Value)> parameters) =>
        $"{parameters.Count} parameters ({string.Join(", ", parameters.Take(Shown).Select(p => p.Name))}{(parameters.Count > Shown ? ", …" : "")})";

    static ParameterPattern Known(ParameterPattern pattern, string option, List<string> names) => names.Exists(pattern.Matches) ? pattern : throw pattern.MatchesNothing(option, names);
}
