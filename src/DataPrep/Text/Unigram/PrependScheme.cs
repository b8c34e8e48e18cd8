namespace DataPrep.Text.Unigram;

/// <summary>Where Metaspace sets its mark although there is no space.</summary>
enum PrependScheme
{
    /// <summary>Before every text between added tokens.</summary>
    Always,

    /// <summary>Only where the whole text starts.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,
}
