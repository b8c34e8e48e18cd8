using System.Globalization;

namespace DataPrep.Tests;

/// <summary>How many inputs a fuzz loop tries: ten thousand, or what WORKFLOW_FUZZ says.</summary>
static class FuzzRounds
{
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("WORKFLOW_FUZZ"), NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) ? rounds : 10_000;
}
