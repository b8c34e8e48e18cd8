namespace Bench;

/// <summary>How much history a generated home holds.</summary>
/// <param name="Attempts">Attempts in all, or some more.</param>
/// <param name="Partitions">Partitions of one stage of the largest run.</param>
/// <param name="Points">Points of metric series in all, or some more.</param>
/// <param name="Seed">What is drawn by chance is drawn from it.</param>
sealed record DashboardVolume(int Attempts, int Partitions, int Points, int Seed)
{
    /// <summary>Runs: one for each 250 attempts.</summary>
    public int Runs => Math.Max(30, Attempts / 250);

    /// <summary>Partitions of an ordinary run on average: what is left of the attempts, less the stages of each run, and some more because not every one is tried.</summary>
    public int PartitionsPerRun => Math.Max(3, (int)((Attempts - Partitions) * 1.07 / Runs) - 6);

    /// <summary>Other rows (acts, fire times, requests) come in this share of what a home with a million attempts would have.</summary>
    public double Share => Attempts / 1_000_000.0;
}
