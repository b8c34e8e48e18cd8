namespace DataPrep.Text.Bm25;

/// <summary>Parameters of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009); defaults of Lucene.</summary>
public sealed record Bm25Options
{
    /// <summary>Term frequency saturation, 0 or more; 0 counts a term once however often it occurs. Default 1.2.</summary>
    public double K1 { get; init; } = 1.2;

    /// <summary>Length normalisation from 0 (none) to 1 (full). Default 0.75.</summary>
    public double B { get; init; } = 0.75;

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="DataPrepException">A value is out of range.</exception>
    public void Validate()
    {
        if (!(K1 >= 0) || double.IsInfinity(K1))
        {
            throw new DataPrepException($"BM25 option k1 is {K1}. Expected a number of 0 or more, usually 0.9 to 2.0.");
        }

        if (!(B >= 0 && B <= 1))
        {
            throw new DataPrepException($"BM25 option b is {B}. Expected a number from 0 to 1, usually 0.4 to 0.75.");
        }
    }
}
