using System.ComponentModel.DataAnnotations;
using System.Text;

namespace DataPrep.Mining;

/// <summary>What the range of ranks counts.</summary>
public enum RangeSemantics
{
    /// <summary>Ranks among the candidates that are left after relevant documents and every filter are gone: mine_hard_negatives of sentence-transformers.</summary>
    Survivor,

    /// <summary>Ranks in the guide's result as it came, before anything is removed: hn_mine.py of FlagEmbedding.</summary>
    Raw,
}

/// <summary>Which of the candidates in the range become negatives.</summary>
public enum NegativeSampling
{
    /// <summary>The best ranked.</summary>
    Top,

    /// <summary>A uniform sample, seeded by the query: it depends on seed, query id and candidates alone.</summary>
    Random,
}

/// <summary>Options of hard negative mining. Names and meaning follow mine_hard_negatives of sentence-transformers where it has them.</summary>
public sealed record MiningOptions
{
    /// <summary>How many results the guide gives per query. Null: <see cref="RangeMax"/> and one for each document relevant to the query.</summary>
    /// <value>Default: null.</value>
    [Range(1, 100_000)]
    public int? TopK { get; init; }

    /// <summary>First rank that may become a negative; larger skips the candidates most likely to be relevant (Top-K shifted by N of NV-Retriever).</summary>
    /// <value>Default: 0.</value>
    [Range(0, 100_000)]
    public int RangeMin { get; init; }

    /// <summary>Rank after the last that may become a negative.</summary>
    /// <value>Default: 50.</value>
    [Range(1, 100_000)]
    public int RangeMax { get; init; } = 50;

    /// <summary>What the range counts.</summary>
    /// <value>Default: survivor.</value>
    public RangeSemantics RangeSemantics { get; init; } = RangeSemantics.Survivor;

    /// <summary>Drops a candidate whose score plus this is above the positive's. Off where null.</summary>
    /// <value>Default: null. NV-Retriever's TopK-MarginPos: 0.05, of cosines.</value>
    public double? AbsoluteMargin { get; init; }

    /// <summary>Drops a candidate whose score is above pos - |pos| * this, pos being the positive's score. Off where null.</summary>
    /// <value>Default: null. NV-Retriever's TopK-PercPos of 95 %: 0.05.</value>
    public double? RelativeMargin { get; init; }

    /// <summary>Drops a candidate with a score above this. Off where null.</summary>
    /// <value>Default: null. NV-Retriever's TopK-Abs: 0.7, of cosines.</value>
    public double? MaxScore { get; init; }

    /// <summary>Drops a candidate with a score below this. Off where null.</summary>
    /// <value>Default: null.</value>
    public double? MinScore { get; init; }

    /// <summary>Negatives per pair; fewer where fewer candidates are left.</summary>
    /// <value>Default: 8.</value>
    [Range(1, 10_000)]
    public int NumNegatives { get; init; } = 8;

    /// <summary>Which candidates of the range are taken.</summary>
    /// <value>Default: top.</value>
    public NegativeSampling Sampling { get; init; } = NegativeSampling.Top;

    /// <summary>Counts documents with the title of a relevant document as relevant.</summary>
    /// <value>Default: true.</value>
    public bool ExcludeSameTitle { get; init; } = true;

    /// <summary>Counts documents with the content of a relevant document as relevant.</summary>
    /// <value>Default: true.</value>
    public bool ExcludeSameContent { get; init; } = true;

    /// <summary>Partitions of the work; each takes an equal block of the queries, and their negatives one after the other are those of one partition.</summary>
    /// <value>Default: 1.</value>
    [Range(1, 4096)]
    public int Partitions { get; init; } = 1;

    /// <summary>The filters in words, as every negative names them: "range 0-50 relative_margin 0.05".</summary>
    public string Rule
    {
        get
        {
            var rule = new StringBuilder($"range {RangeMin}-{RangeMax}");
            rule.Append(RangeSemantics == RangeSemantics.Raw ? " raw" : string.Empty);
            Append(rule, "absolute_margin", AbsoluteMargin);
            Append(rule, "relative_margin", RelativeMargin);
            Append(rule, "max_score", MaxScore);
            Append(rule, "min_score", MinScore);
            rule.Append(Sampling == NegativeSampling.Random ? " random" : string.Empty);
            return rule.ToString();
        }
    }

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="DataPrepException">A value is out of range.</exception>
    public void Validate()
    {
        if (RangeMin < 0 || RangeMax <= RangeMin)
        {
            throw new DataPrepException($"The mining range is {RangeMin} to {RangeMax}. Expected range_min of 0 or more and range_max above it.");
        }

        if (NumNegatives < 1 || Partitions < 1 || TopK is < 1)
        {
            throw new DataPrepException($"Mining options: num_negatives {NumNegatives}, partitions {Partitions}, top_k {TopK}. Expected each to be 1 or more.");
        }

        if (new[] { AbsoluteMargin, RelativeMargin, MaxScore, MinScore }.Any(static value => value is { } number && !double.IsFinite(number)))
        {
            throw new DataPrepException($"Mining options ({Rule}): a margin or score is not a finite number. Leave it out to switch the filter off.");
        }
    }

    static void Append(StringBuilder rule, string name, double? value)
    {
        if (value is { } number)
        {
            rule.Append($" {name} {number}");
        }
    }
}
