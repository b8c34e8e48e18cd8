namespace Bench;

/// <summary>Repeated measurements of one thing.</summary>
sealed class Sample
{
    readonly List<double> values = [];

    public Sample(IEnumerable<double> values) => this.values.AddRange(values.Order());

    public int Count => values.Count;

    public double Median => Quantile(0.5);

    /// <summary>Nearest-rank quantile.</summary>
    public double Quantile(double q) => values[Math.Clamp((int)Math.Ceiling(q * values.Count) - 1, 0, values.Count - 1)];

    /// <summary>Median, and in brackets the least and the greatest.</summary>
    public string Text(string unit, string format = "N0") => $"{Median.ToString(format)} {unit} (median of {Count}; {values[0].ToString(format)} to {values[^1].ToString(format)})";
}
