using System.Collections;
using System.Reflection;
using System.Text.Json;
using Trainer.Heads;

namespace Trainer.Losses;

/// <summary>Every loss that a job can name: what it is made of and which parameters it has.</summary>
public static class LossTable
{
    static readonly string[] matryoshka = [nameof(LossOptions.MatryoshkaDims), nameof(LossOptions.MatryoshkaWeights), nameof(LossOptions.MatryoshkaDimsPerStep)];
    static readonly string[] flops = [nameof(LossOptions.FlopsQueries), nameof(LossOptions.FlopsPassages), nameof(LossOptions.FlopsWarmup)];

    static readonly SortedDictionary<LossKind, (string[] Parameters, Func<LossOptions, ILoss> Create)> losses = new()
    {
        [LossKind.InfoNce] = (
            [
                nameof(LossOptions.Temperature), nameof(LossOptions.Symmetric), nameof(LossOptions.Directions), nameof(LossOptions.Partition), nameof(LossOptions.Hardness),
                nameof(LossOptions.HardnessStrength), nameof(LossOptions.Similarity), .. matryoshka,
            ],
            InfoNce),
        [LossKind.Gist] = (
            [
                nameof(LossOptions.Temperature), nameof(LossOptions.Margin), nameof(LossOptions.MarginKind), nameof(LossOptions.ContrastAnchors), nameof(LossOptions.ContrastPositives),
                nameof(LossOptions.SelfGuide), .. matryoshka,
            ],
            o => new Gist(o.Temperature ?? 0.01)
            {
                Margin = o.Margin ?? (o.SelfGuide == true ? -0.1 : 0),
                MarginKind = o.MarginKind ?? MarginKind.Absolute,
                ContrastAnchors = o.ContrastAnchors ?? true,
                ContrastPositives = o.ContrastPositives ?? true,
                SelfGuide = o.SelfGuide ?? false,
            }),
        [LossKind.Rocketqa] = (matryoshka, _ => new InBatch(new DenseScorer(Similarity.Dot))),
        [LossKind.Rocketqav2] = (matryoshka, _ => new OwnCandidates(new DenseScorer(Similarity.Dot), new KlDivergence())),
        [LossKind.MarginMse] = (
            [nameof(LossOptions.Similarity), nameof(LossOptions.Teacher), .. matryoshka],
            o => new OwnCandidates(new DenseScorer(o.Similarity ?? Similarity.Dot), new MarginMse(o.Teacher ?? TeacherForm.Scores))),
        [LossKind.KlDistillation] = (
            [nameof(LossOptions.Temperature), nameof(LossOptions.TeacherTemperature), nameof(LossOptions.Similarity), .. matryoshka],
            o => new OwnCandidates(new DenseScorer(o.Similarity ?? Similarity.Dot), new KlDivergence(o.Temperature ?? 1, o.TeacherTemperature))),
        [LossKind.FlagEmbedding] = (
            [nameof(LossOptions.Temperature), nameof(LossOptions.Similarity), nameof(LossOptions.Distillation), nameof(LossOptions.InBatch), nameof(LossOptions.ContrastiveWeight), .. matryoshka],
            o => new FlagDistillation(
                new DenseScorer(o.Similarity ?? Similarity.Cos), o.Temperature ?? 0.02, o.Distillation ?? DistillationForm.None, o.InBatch ?? true, o.ContrastiveWeight ?? 1)),
        [LossKind.Simlm] = ([nameof(LossOptions.Temperature), nameof(LossOptions.AllPairs), nameof(LossOptions.TemperatureWarmup), .. matryoshka], o => SimLm(o, 0.05)),
        [LossKind.SimlmDistillation] = (
            [
                nameof(LossOptions.Temperature), nameof(LossOptions.AllPairs), nameof(LossOptions.TemperatureWarmup), nameof(LossOptions.ContrastiveWeight), nameof(LossOptions.MaskHardNegatives),
                .. matryoshka,
            ],
            o => new SimLmDistillation(SimLm(o, 0.02), o.ContrastiveWeight ?? 0.2, o.MaskHardNegatives ?? true)),
        [LossKind.Colbert] = (
            [nameof(LossOptions.Temperature), nameof(LossOptions.Similarity), nameof(LossOptions.ZeroPadding)],
            o => new InBatch(Late(o), o.Temperature ?? 1)),
        [LossKind.ColbertDistillation] = (
            [nameof(LossOptions.Temperature), nameof(LossOptions.TeacherTemperature), nameof(LossOptions.Similarity), nameof(LossOptions.NormalizeScores), nameof(LossOptions.ZeroPadding)],
            o => new OwnCandidates(Late(o), new KlDivergence(o.Temperature ?? 1, o.TeacherTemperature, o.NormalizeScores ?? true))),
        [LossKind.Sparse] = ([nameof(LossOptions.Temperature), .. flops], o => Regularised(new InBatch(new SparseScorer(), o.Temperature ?? 1), o, 5e-5, 3e-5)),
        [LossKind.M3] = (
            [
                nameof(LossOptions.Temperature), nameof(LossOptions.Similarity), nameof(LossOptions.Distillation), nameof(LossOptions.InBatch), nameof(LossOptions.ZeroPadding),
                nameof(LossOptions.SparseScoreWeight), nameof(LossOptions.SparseLossWeight), nameof(LossOptions.SelfDistillation), nameof(LossOptions.SelfDistillationStart), .. flops,
            ],
            M3),
        [LossKind.DualReg] = (
            [nameof(LossOptions.Temperature), nameof(LossOptions.Similarity), nameof(LossOptions.Alpha), .. matryoshka],
            o => new DualReg(new DenseScorer(o.Similarity ?? Similarity.Dot), o.Temperature ?? 1, o.Alpha ?? 1)),
    };

    static readonly SortedDictionary<LossKind, (string[] Parameters, Func<LossOptions, IScoreLoss> Create)> scoreLosses = new()
    {
        [LossKind.Listwise] = ([nameof(LossOptions.Temperature)], o => new ListwiseCrossEntropy(o.Temperature ?? 1)),
        [LossKind.Pointwise] = ([nameof(LossOptions.PositiveWeight), nameof(LossOptions.SoftLabels)], o => new PointwiseCrossEntropy(o.PositiveWeight ?? 1, o.SoftLabels ?? false)),
        [LossKind.RDrop] = ([nameof(LossOptions.Temperature), nameof(LossOptions.Alpha)], o => new RDrop(o.Alpha ?? 1, o.Temperature ?? 1)),
        [LossKind.KlDistillation] = ([nameof(LossOptions.Temperature), nameof(LossOptions.TeacherTemperature)], o => new KlDivergence(o.Temperature ?? 1, o.TeacherTemperature)),
        [LossKind.MarginMse] = ([nameof(LossOptions.Teacher)], o => new MarginMse(o.Teacher ?? TeacherForm.Scores)),
    };

    /// <summary>Kinds of losses over embeddings.</summary>
    public static IEnumerable<LossKind> Kinds => losses.Keys;

    /// <summary>Kinds of losses over a cross-encoder's scores.</summary>
    public static IEnumerable<LossKind> ScoreKinds => scoreLosses.Keys;

    /// <summary>The loss over embeddings that options name.</summary>
    /// <param name="options">Kind and parameters.</param>
    /// <param name="seed">The run's seed, for what a loss draws.</param>
    /// <exception cref="TrainerException">The kind is a cross-encoder's, or a parameter is not the kind's.</exception>
    public static ILoss Create(LossOptions options, long seed = 0)
    {
        var loss = Make(losses, options, "embeddings");
        if (options.MatryoshkaDims.Count == 0)
        {
            return options is { MatryoshkaWeights.Count: 0, MatryoshkaDimsPerStep: null } ? loss : throw new TrainerException("loss: matryoshka_weights and matryoshka_dims_per_step belong to matryoshka_dims, which is empty.");
        }

        if (options.MatryoshkaWeights.Count > 0 && options.MatryoshkaWeights.Count != options.MatryoshkaDims.Count)
        {
            throw new TrainerException($"loss: {options.MatryoshkaWeights.Count} matryoshka_weights for {options.MatryoshkaDims.Count} matryoshka_dims; expected one for each, or none.");
        }

        if (options.MatryoshkaDims.Any(d => d < 1) || options.MatryoshkaWeights.Any(w => w < 0))
        {
            throw new TrainerException($"loss: matryoshka_dims {string.Join(", ", options.MatryoshkaDims)} and weights {string.Join(", ", options.MatryoshkaWeights)}; expected lengths of at least 1 and no weight below 0.");
        }

        return new Matryoshka(loss, options.MatryoshkaDims, options.MatryoshkaWeights.Count > 0 ? options.MatryoshkaWeights : null) { DimensionsPerStep = options.MatryoshkaDimsPerStep, Seed = seed };
    }

    /// <summary>The loss over a cross-encoder's scores that options name.</summary>
    /// <exception cref="TrainerException">The kind is one of embeddings, or a parameter is not the kind's.</exception>
    public static IScoreLoss CreateForScores(LossOptions options) => Make(scoreLosses, options, "a cross-encoder's scores");

    /// <summary>Parameters of a kind, as job files write them.</summary>
    public static IReadOnlyList<string> ParametersOf(LossKind kind) =>
        [.. (losses.TryGetValue(kind, out var loss) ? loss.Parameters : []).Concat(scoreLosses.TryGetValue(kind, out var score) ? score.Parameters : []).Distinct().Select(Snake)];

    static T Make<T>(SortedDictionary<LossKind, (string[] Parameters, Func<LossOptions, T> Create)> table, LossOptions options, string over)
    {
        if (!table.TryGetValue(options.Kind, out var entry))
        {
            throw new TrainerException($"loss: {Snake(options.Kind.ToString())} is no loss over {over}; expected one of {string.Join(", ", table.Keys.Select(k => Snake(k.ToString())))}.");
        }

        var foreign = typeof(LossOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.Name != nameof(LossOptions.Kind) && !entry.Parameters.Contains(p.Name) && p.GetValue(options) is { } value && value is not ICollection { Count: 0 }).Select(p => Snake(p.Name)).ToList();
        return foreign.Count == 0 ? entry.Create(options) : throw new TrainerException(
            $"loss: {Snake(options.Kind.ToString())} over {over} has no {string.Join(", ", foreign)}; it has {(entry.Parameters.Length == 0 ? "no parameters" : string.Join(", ", entry.Parameters.Select(Snake)))}. Leave {(foreign.Count == 1 ? "it" : "them")} out, or choose another kind.");
    }

    static InfoNce InfoNce(LossOptions options)
    {
        if (options.Directions.Count > 0 && options.Symmetric is not null)
        {
            throw new TrainerException("loss: symmetric is short for directions query_doc and doc_query with partition per_direction; give it or directions, not both.");
        }

        if (options.Hardness is null or Hardness.None && options.HardnessStrength is not null)
        {
            throw new TrainerException("loss: hardness_strength belongs to hardness, which is none; expected in_batch, hard or all.");
        }

        var common = new InfoNce(options.Temperature ?? 0.05, options.Directions.Count == 0 && (options.Symmetric ?? true));
        var loss = new InfoNce(options.Temperature ?? 0.05)
        {
            Directions = options.Directions.Count > 0 ? options.Directions : common.Directions,
            Partition = options.Partition ?? common.Partition,
            Similarity = options.Similarity ?? Similarity.Cos,
            Hardness = options.Hardness ?? Hardness.None,
            HardnessStrength = options.HardnessStrength ?? (options.Hardness == Hardness.InBatch ? 9 : 5),
        };
        loss.Require();
        return loss;
    }

    static SimLm SimLm(LossOptions options, double temperature) => new(options.Temperature ?? temperature, options.AllPairs ?? true, options.TemperatureWarmup ?? 0);

    static LateInteractionScorer Late(LossOptions options) =>
        new(options.Similarity ?? Similarity.Cos, options.ZeroPadding == true ? MaxSimConvention.PyLate : MaxSimConvention.SentenceTransformers);

    static ILoss M3(LossOptions options) => Regularised(
        new M3Unified(options.Temperature ?? 0.02)
        {
            Similarity = options.Similarity ?? Similarity.Cos,
            Convention = options.ZeroPadding == true ? MaxSimConvention.FlagEmbedding : MaxSimConvention.SentenceTransformersMean,
            Distillation = options.Distillation ?? DistillationForm.None,
            InBatch = options.InBatch ?? true,
            SparseScoreWeight = options.SparseScoreWeight ?? 0.3,
            SparseLossWeight = options.SparseLossWeight ?? 0.1,
            SelfDistillation = options.SelfDistillation ?? true,
            SelfDistillationStart = options.SelfDistillationStart ?? 0,
        },
        options, 0, 0);

    static ILoss Regularised(ILoss loss, LossOptions options, double queries, double passages)
    {
        var (ofQueries, ofPassages) = (options.FlopsQueries ?? queries, options.FlopsPassages ?? passages);
        return ofQueries == 0 && ofPassages == 0 ? loss : new Flops(loss, ofQueries, ofPassages, options.FlopsWarmup ?? 0);
    }

    static string Snake(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
