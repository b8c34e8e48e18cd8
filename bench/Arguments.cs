using System.Globalization;

namespace Bench;

/// <summary>What was asked: <c>--name value</c> pairs.</summary>
sealed class Arguments(string[] args)
{
    public string Text(string name, string otherwise) => Array.IndexOf(args, "--" + name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : otherwise;

    public int Number(string name, int otherwise) => int.Parse(Text(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

    /// <summary>Numbers separated by commas.</summary>
    public IReadOnlyList<int> Numbers(string name, string otherwise) => [.. Text(name, otherwise).Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
}
